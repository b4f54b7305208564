package remote_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// Processes are this test binary, executed again with a role. They end when their standard
// input does, so that none outlives the test.
const (
	roleVariable   = "NANO_REMOTE_ROLE"
	urlVariable    = "NANO_REMOTE_URL"    // of NATS
	listenVariable = "NANO_REMOTE_LISTEN" // of the role nats
	routesVariable = "NANO_REMOTE_ROUTES" // of its cluster: where it listens, and what it connects to
	fileVariable   = "NANO_REMOTE_FILE"   // what the process writes down, and survives it
)

var roles = map[string]func() int{"server": serverRole, "client": clientRole, "nats": natsRole}

// role runs a tree until the standard input ends.
func role(then func(), children ...supervisor.Child) int {
	root := supervisor.New("role", supervisor.Spec{Strategy: supervisor.RestForOne, Children: children, Logger: silent})
	if err := root.Start(context.Background()); err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if then != nil {
		then()
	}
	if err := root.Stop(context.Background()); err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	return 0
}

// record appends lines to a file; what was written survives a SIGKILL.
func record() (line func(text string), err error) {
	f, err := os.OpenFile(os.Getenv(fileVariable), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	return func(text string) {
		if _, err := f.WriteString(text + "\n"); err != nil {
			panic(err)
		}
	}, err
}

func dialing() *remote.Node {
	return remote.New(remote.Dial(os.Getenv(urlVariable)), remote.Config{Logger: silent, AckTimeout: time.Second})
}

// patient is a child that is started again until NATS is there.
func patient(n *remote.Node) supervisor.Child {
	return supervisor.Child{
		Service: n, StartTimeout: patience,
		Backoff: &supervisor.Backoff{Min: 10 * time.Millisecond, Max: 100 * time.Millisecond},
	}
}

// serverRole serves an account, and writes down each deposit while the method runs.
func serverRole() int {
	line, err := record()
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	svc := actor.New(func(context.Context) (*bank.Account, error) {
		return &bank.Account{Seen: func(_ context.Context, e bank.Entry) error { line(e.ID); return nil }}, nil
	})
	n := dialing()
	return role(nil, supervisor.Child{Service: svc}, patient(n), supervisor.Child{Service: bank.BindAccount(n, "bank.ada", svc)})
}

// clientRole calls, and writes down what has become of each call.
func clientRole() int {
	line, err := record()
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	n := dialing()
	l := newLoad(n, fmt.Sprint("process ", os.Getpid()), func(id string, what actor.Outcome) { line(id + ": " + what.String()) })
	l.start(4)
	return role(l.stop, patient(n))
}

func natsRole() int {
	srv := embedded.New(embedded.Config{Listen: os.Getenv(listenVariable), Logger: silent, Options: clustered(os.Getenv(routesVariable))})
	return role(nil, supervisor.Child{Service: srv})
}

// process is one that a test has started.
type process struct {
	cmd *exec.Cmd
	in  io.Closer
	out *bufio.Scanner
}

// start starts a process and waits until it is ready.
func start(t *testing.T, role string, env ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(append(os.Environ(), roleVariable+"="+role), env...)
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	ready := make(chan string, 1)
	go func() { p.out.Scan(); ready <- p.out.Text() }()
	if got := receive(t, ready); got != "ready" {
		t.Fatalf("the %s says %q", role, got)
	}
	return p
}

// kill ends the process with SIGKILL, if it is there.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// stop has the process end by itself.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.in.Close()
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	if err := receive(t, done); err != nil {
		t.Error(err)
	}
}

// lines returns those that processes have written to the files, and waits for none.
func lines(t *testing.T, files ...string) (all []string) {
	t.Helper()
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Split(strings.TrimSpace(string(b)), "\n")...)
	}
	return all
}
