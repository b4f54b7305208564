//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
)

// fileLimit is the environment variable that bounds the size of the command's files, in
// bytes: a write behind it fails, as on a disk that is full.
const fileLimit = "TEST_FILE_LIMIT"

func init() {
	limit, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 64)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		panic(err)
	}
}

// command returns the command as a process of its own, which is killed at the end of the test
// if it still runs then.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithTimeout(t.Context(), time.Minute) // whatever hangs
	t.Cleanup(kill)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// Who kills the process that makes a trial has killed the one that serves, too: that sees the
// end of its standard input.
func TestKilledWithItsParent(t *testing.T) {
	cmd := command(t, nil, "-db", dbtest.SQLite(t), "-kill", "1h", "-for", "1h", "-log", "info")
	messages, in, err := os.Pipe() // which the child has as well
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Close()
	cmd.Stderr = in
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	lines := bufio.NewScanner(messages)
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=request") {
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if err := messages.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, messages); err != nil {
		t.Errorf("the process that serves has not ended: %v", err)
	}
}

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A disk that is full takes readiness away, with the reason, and stays readable. So it is
// also when the store, which ends with a commit that fails, cannot begin anew.
func TestFullDisk(t *testing.T) {
	cmd := command(t, []string{fileLimit + "=1000000"}, "-db", dbtest.SQLite(t), "-addr", "127.0.0.1:0", "-log", "warn", "-grace", "0s")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var messages syncBuffer
	cmd.Stderr = &messages
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	url := strings.TrimSpace(line)
	ask := func(path, key, body string) (int, string) {
		method := http.MethodGet
		if key != "" {
			method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	if status, text := ask("readyz", "", ""); status != 200 {
		t.Fatalf("/readyz, before: %d %s", status, text)
	}
	status, opened := 201, 0
	for ; status == 201 && opened < 10_000; opened++ {
		status, _ = ask("api/accounts", fmt.Sprint("key-", opened), fmt.Sprintf(`{"id":"a%d","balance":1}`, opened))
	}
	if status != 503 {
		t.Errorf("the last of %d accounts: %d", opened, status)
	}
	if status, text := ask("readyz", "", ""); status != 503 || strings.Contains(text, `"store":"ok"`) || !strings.Contains(text, `"books":"ok"`) {
		t.Errorf("/readyz: %d %s", status, text)
	}
	if status, text := ask("api/accounts/a0", "", ""); status != 200 {
		t.Errorf("an account: %d %s", status, text)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, messages.String())
	}
	if !strings.Contains(messages.String(), "cannot write") {
		t.Errorf("nothing says what is wrong:\n%s", messages.String())
	}
}
