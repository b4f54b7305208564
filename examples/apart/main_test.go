package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/apart/store"
)

// asMain has the test binary be the program, in a process of its own and in that which it
// starts as the database.
const asMain = "APART_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// program is the program in a process of its own, which gets a minute.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asMain+"=1")
	return cmd
}

// output runs it, and returns its exit status and what it printed.
func output(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := program(t, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// trade runs it with a file that is kept, and looks whether the last line is true of that.
func trade(t *testing.T, args ...string) (result, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "orders.sqlite")
	status, stdout, stderr := output(t, append(args, "-file", file)...)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var r result
	_, err := fmt.Sscanf(lines[len(lines)-1], "apart: ok: ran %d, not run %d, unknown %d, sum %d", &r.ran, &r.notRun, &r.unknown, &r.sum)
	if status != 0 || err != nil {
		t.Fatalf("status %d, %v\n%s%s", status, err, stdout, stderr)
	}
	kept, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, o := range kept {
		sum += o.Cents
	}
	if n := len(kept); n < r.ran || n > r.ran+r.unknown || sum != r.sum || r.ran == 0 {
		t.Errorf("the file has %d orders of %d\n%s", n, sum, stdout)
	}
	return r, stdout
}

func TestTwoProcesses(t *testing.T) {
	r, stdout := trade(t, "-time", "200ms")
	if r.notRun != 0 || r.unknown != 0 || strings.Count(stdout, "the database is process") != 1 {
		t.Error(stdout)
	}
}

func TestOneProcess(t *testing.T) {
	r, stdout := trade(t, "-local", "-time", "200ms")
	if r.notRun != 0 || r.unknown != 0 || strings.Contains(stdout, "process") {
		t.Error(stdout)
	}
}

// The database is killed under load, and what its customers were told is true.
func TestKilledDatabase(t *testing.T) {
	for _, after := range []string{"1ms", "50ms", "300ms"} {
		r, stdout := trade(t, "-kill", after, "-time", "100ms")
		if strings.Count(stdout, "the database is process") != 2 || strings.Count(stdout, "killed process") != 1 {
			t.Errorf("killed after %s:\n%s", after, stdout)
		}
		t.Logf("killed after %s: %v", after, &r)
	}
}

// The database ends with its controller, however that ends: it holds the pipe of the
// standard error, too, and Wait returns when that is closed.
func TestDatabaseEndsWithItsController(t *testing.T) {
	cmd := program(t, "-time", "1h")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.WaitDelay = 30 * time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "apart: the database is process ") {
		t.Errorf("it began with %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); errors.Is(err, exec.ErrWaitDelay) {
		t.Error("the database goes on without its controller")
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-local", "-kill", "1s"}, 2, "apart: -kill and -local"},
		{[]string{"-kill", "-1s"}, 2, "apart: -kill and -time"},
		{[]string{"-time", "0"}, 2, "apart: -kill and -time"},
		{[]string{"-kil", "1s"}, 2, "flag provided but not defined: -kil"},
		{[]string{"more"}, 2, `apart: unexpected argument "more"`},
		{[]string{"-file", there}, 1, "apart: FAILED: " + there + " is there already"},
		{[]string{"-local", "-file", filepath.Join(dir, "no", "file")}, 1, "apart: FAILED: "},
		{[]string{"-file", filepath.Join(dir, "no", "file")}, 1, "apart: FAILED: "},
	} {
		status, stdout, stderr := output(t, row.args...)
		if status != row.status || !strings.Contains(stdout+stderr, row.want) {
			t.Errorf("apart %q: status %d\n%s%s\nwant %d and %q", row.args, status, stdout, stderr, row.status, row.want)
		}
	}
	if status, _, stderr := output(t, "-h"); status != 0 || !strings.Contains(stderr, "-kill") {
		t.Errorf("-h: status %d, %s", status, stderr)
	}
}

// The book finds whatever the file says otherwise.
func TestProve(t *testing.T) {
	ran := func(id string, cents int64) func(*book) { return written(id, cents, nil) }
	refused := func(id string) func(*book) {
		return written(id, 1, actor.WithOutcome(errors.New("full"), actor.NotRun))
	}
	unanswered := func(id string) func(*book) {
		return written(id, 2, actor.WithOutcome(errors.New("gone"), actor.Unknown))
	}
	for name, row := range map[string]struct {
		book []func(*book)
		file []store.Order
		want string
	}{
		"all kinds": {[]func(*book){ran("a", 5), refused("b"), unanswered("c"), unanswered("d")},
			[]store.Order{{ID: "a", Cents: 5}, {ID: "d", Cents: 2}}, "ran 1, not run 1, unknown 2, sum 7"},
		"lost":         {[]func(*book){ran("a", 5)}, nil, "order a is not in the file, and its customer was told that it ran"},
		"not refused":  {[]func(*book){refused("a")}, []store.Order{{ID: "a", Cents: 1}}, "order a is in the file, and its customer was told that it was not run"},
		"never placed": {nil, []store.Order{{ID: "a"}}, "order a is in the file, and was never placed"},
		"twice":        {[]func(*book){ran("a", 5)}, []store.Order{{ID: "a", Cents: 5}, {ID: "a", Cents: 5}}, "order a is in the file twice"},
		"of less":      {[]func(*book){ran("a", 5)}, []store.Order{{ID: "a", Cents: 4}}, "order a is worth 4 in the file, and was of 5"},
		"failed":       {[]func(*book){written("a", 5, store.ErrTwice)}, []store.Order{{ID: "a", Cents: 5}}, "order a: " + store.ErrTwice.Error()},
		"crashed": {[]func(*book){written("a", 5, actor.PanicElsewhere("oh", "db", "Put", "f.go", 1, nil))}, nil,
			"order a: "},
		"many": {[]func(*book){ran("a", 1), ran("b", 1), ran("c", 1), ran("d", 1), ran("e", 1)}, nil, "; and 2 more"},
	} {
		b := newBook()
		for _, f := range row.book {
			f(b)
		}
		r, err := b.prove(row.file)
		got := r.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, row.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func written(id string, cents int64, err error) func(*book) {
	return func(b *book) { b.write(store.Order{ID: id, Cents: cents}, err) }
}
