package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what the tests get into testdata")

// newModule returns the directory of a new module example.com that uses the core
// of this repository.
func newModule(t testing.TB) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// The go command prints directories without links in them.
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// It requires what the core does, in the same versions: nothing is looked up.
	core := "github.com/bruskajp/nano_services"
	mod := strings.Replace(readFile(t, filepath.Join(root, "go.mod")), "module "+core, "module example.com", 1)
	writeFile(t, filepath.Join(dir, "go.mod"), mod+"\nrequire "+core+" v0.0.0\n\nreplace "+core+" => "+root+"\n")
	writeFile(t, filepath.Join(dir, "go.sum"), readFile(t, filepath.Join(root, "go.sum")))
	return dir
}

// addRemote gives a module the names of package remote: those of testdata/remote, since
// this module needs no NATS.
func addRemote(t testing.TB, module string) {
	t.Helper()
	stub := t.TempDir()
	mod := filepath.Join(module, "go.mod")
	text := readFile(t, mod)
	writeFile(t, filepath.Join(stub, "go.mod"), strings.Replace(text, "module example.com", "module "+remotePath, 1))
	writeFile(t, filepath.Join(stub, "remote.go"), readFile(t, filepath.Join("testdata", "remote", "remote.go")))
	writeFile(t, mod, text+"\nrequire "+remotePath+" v0.0.0\n\nreplace "+remotePath+" => "+stub+"\n")
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// copyDir copies what was not generated, and returns the paths of what was.
func copyDir(t testing.TB, from, to string) (golden []string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text := readFile(t, path)
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if generated([]byte(text)) {
			golden = append(golden, rel)
		} else {
			writeFile(t, filepath.Join(to, rel), text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return golden
}

// cases returns the folders in a folder of testdata.
func cases(t testing.TB, folder string) (names []string) {
	t.Helper()
	dirs, err := os.ReadDir(filepath.Join("testdata", folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		names = append(names, d.Name())
	}
	return names
}

var generateLine = regexp.MustCompile(`(?m)^//go:generate .*nanogen (.*)$`)

// commands returns the arguments of the go:generate lines in a directory.
func commands(t testing.TB, dir string) (all [][]string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		for _, m := range generateLine.FindAllStringSubmatch(readFile(t, file), -1) {
			all = append(all, strings.Fields(m[1]))
		}
	}
	if all == nil {
		t.Fatalf("no go:generate line in %s", dir)
	}
	return all
}

// nanogen runs the command and returns its exit status and what it printed.
func nanogen(dir string, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(dir, args, &out, &err)
	return status, out.String(), err.String()
}

// goCommand runs the go command in dir and returns what it printed.
func goCommand(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return runCommand(t, dir, "go", args...)
}

func runCommand(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
