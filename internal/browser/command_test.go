package browser

import (
	"bufio"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

var screenshots = flag.String("screenshots", "", "a folder for pictures of the pages")

// chromium is where the browser is. Without one the test is skipped, and in CI it fails.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium")
	}
	t.Skip("skipped: no Chromium")
	return ""
}

// start builds a command of the examples and starts it, and returns the URL that it
// prints. It is told to end when the test does, and has to do so with status 0.
func start(t *testing.T, name string, args ...string) (url string) {
	t.Helper()
	cmd, url, _ := begin(t, name, args...)
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	})
	return url
}

// begin is start for a test that ends the command itself, and waits for that. out is what
// the command prints after its URL.
func begin(t *testing.T, name string, args ...string) (cmd *exec.Cmd, url string, out io.Reader) {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	build := exec.Command("go", "-C", "../../examples", "build", "-o", program, "./"+name)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd = exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(pipe)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line), lines
}
