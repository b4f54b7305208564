package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/apart/store"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
)

// name is under which the database is served.
const name = "shop.db"

// A shop is the database, as customers call it, and what runs it.
type shop struct {
	db      store.DBRemoteCalls // a service of this process, or the client of another one
	tree    *supervisor.Supervisor
	process *process // nil if the database is in this process
}

// together has the database in this process.
func together(file string) *shop {
	db := store.NewDBService(file)
	return &shop{db: db, tree: supervisor.New("apart", supervisor.Spec{Children: []supervisor.Child{{Service: db}}})}
}

// apart has the database in another process, and NATS in this one.
func apart(file string, out io.Writer) *shop {
	nats := embedded.New(embedded.Config{Listen: "127.0.0.1:0"})
	node := remote.New(nats.Dial(), remote.Config{})
	p := &process{file: file, nats: nats, out: out}
	// Another NATS has another address, which the database needs to know; but the end of the
	// database is no reason to restart the others.
	tree := supervisor.New("apart", supervisor.Spec{Strategy: supervisor.RestForOne, Children: []supervisor.Child{
		{Service: nats},
		{Service: node},
		{Name: "database", Service: supervisor.Func(p.run), AwaitReady: true},
	}})
	return &shop{db: store.NewDBClient(node, name), tree: tree, process: p}
}

// sum asks the database, which may be about to come back.
func (s *shop) sum() (orders int, cents int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	type both struct {
		orders int
		cents  int64
	}
	b, err := actor.Retry(ctx, 10, 50*time.Millisecond, func(ctx context.Context) (b both, err error) {
		b.orders, b.cents, err = s.db.Sum(ctx)
		return b, err
	})
	return b.orders, b.cents, err
}

func (s *shop) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return s.tree.Stop(ctx)
}

// kill kills the database, and returns which process it was.
func (s *shop) kill() (pid int, err error) { return s.process.kill() }

// restarted reports whether there is a database again after it was killed.
func (s *shop) restarted() bool { return s.process.ready() }

// A process is the database in another process: this program once more, with other flags.
type process struct {
	file string
	nats *embedded.Server
	out  io.Writer

	mu  sync.Mutex
	now *os.Process // nil while there is none that is up
}

// run runs the database until ctx ends: then its standard input ends, and so it stops. That
// holds as well if this process is killed.
func (p *process) run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "-database", p.file, "-nats", p.nats.URL())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	cmd.Cancel = in.Close
	cmd.WaitDelay = supervisor.ShutdownTime(ctx) * 9 / 10 // then it is killed
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if lines.Text() == up {
			p.set(cmd.Process)
			fmt.Fprintf(p.out, "apart: the database is process %d\n", cmd.Process.Pid)
			supervisor.Ready(ctx)
		}
	}
	p.set(nil)
	if err := cmd.Wait(); ctx.Err() == nil {
		return fmt.Errorf("the database has ended: %w", errors.Join(err, lines.Err()))
	}
	return nil
}

func (p *process) set(now *os.Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = now
}

func (p *process) ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now != nil
}

func (p *process) kill() (pid int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil {
		return 0, errors.New("there is no database to kill")
	}
	pid, err = p.now.Pid, p.now.Kill()
	p.now = nil
	return pid, err
}

// up is the line by which the database says that it is served.
const up = "up"

// serve is the other process: the database, its end of NATS, and what binds the two.
func serve(ctx context.Context, file, url string, stdin io.Reader, stdout io.Writer) error {
	signal.Ignore(os.Interrupt) // that is for the controller, which ends this process's input
	db := store.NewDBService(file)
	node := remote.New(remote.Dial(url), remote.Config{})
	root := supervisor.New("database", supervisor.Spec{Strategy: supervisor.RestForOne, Children: []supervisor.Child{
		{Service: db},
		{Service: node},                         // another connection does not restart the database
		{Service: store.BindDB(node, name, db)}, // up when it is served; it stops first, and answers what it accepted
	}})
	if err := root.Start(ctx); err != nil {
		return err
	}
	fmt.Fprintln(stdout, up)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, stdin) // until it ends
	}()
	select {
	case <-ended:
		stopping, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		return root.Stop(stopping)
	case <-root.Done():
		return root.Err()
	}
}
