package remote_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// served is an account with a tree of its own, which a test stops.
type served struct {
	tree *supervisor.Supervisor
	svc  *actor.Service[bank.Account]
}

func serve(t *testing.T, n *remote.Node, a *bank.Account, shutdown supervisor.Child) served {
	t.Helper()
	s := served{svc: actor.New(func(context.Context) (*bank.Account, error) { return a, nil }, actor.WithLogger(silent))}
	shutdown.Service = bank.BindAccount(n, "bank.eve", s.svc)
	s.tree = supervisor.New("stopping", supervisor.Spec{
		Strategy: supervisor.RestForOne, Logger: silent,
		Children: []supervisor.Child{{Service: s.svc, Shutdown: supervisor.Forever}, shutdown},
	})
	if err := s.tree.Start(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	return s
}

// A stop under load: each call either has run and is answered so, or is NotRun. None is
// unknown, and the numbers are those of the service.
func TestR8StopUnderLoad(t *testing.T) {
	srv := server(t)
	n := node(t, srv, remote.Config{})
	client := bank.NewAccountClient(node(t, srv, remote.Config{InFlight: 100_000}), "bank.eve")
	for round := range 5 {
		a := new(bank.Account)
		s := serve(t, n, a, supervisor.Child{})
		var ran, notRun atomic.Int64
		var callers sync.WaitGroup
		stopped, begun := make(chan struct{}), make(chan struct{})
		var once sync.Once
		for c := range 8 {
			callers.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stopped:
						return
					default:
					}
					_, err := client.Deposit(within(t, patience), fmt.Sprint(c, " ", i), 1)
					switch actor.OutcomeOf(err) {
					case actor.Ran:
						if ran.Add(1) == 100 {
							once.Do(func() { close(begun) })
						}
					case actor.NotRun:
						notRun.Add(1)
					default:
						t.Error(err)
					}
				}
			})
		}
		receive(t, begun)
		if err := s.tree.Stop(within(t, patience)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "some came later", func() bool { return notRun.Load() > 0 })
		close(stopped)
		callers.Wait()
		if got := int64(len(a.Entries)); got != ran.Load() {
			t.Errorf("round %d: %d have run, and %d callers were told so", round, got, ran.Load())
		}
	}
}

// A stop whose time is over: what is queued is not run, of what is running it is said that
// it is unknown, and the context has ended.
func TestR8CutOff(t *testing.T) {
	srv := server(t)
	n := node(t, srv, remote.Config{})
	client := bank.NewAccountClient(node(t, srv, remote.Config{}), "bank.eve")
	hold := make(chan struct{})
	ended := make(chan error, 1)
	s := serve(t, n, &bank.Account{Seen: func(ctx context.Context, _ bank.Entry) error {
		<-ctx.Done()
		ended <- ctx.Err()
		<-hold
		return nil
	}}, supervisor.Child{Shutdown: supervisor.AtOnce})
	running, queued := make(chan error, 1), make(chan error, 1)
	go func() { _, err := client.Deposit(within(t, patience), "running", 1); running <- err }()
	eventually(t, "one runs", func() bool { return s.svc.Info().Running == 1 })
	go func() { _, err := client.Deposit(within(t, patience), "queued", 1); queued <- err }()
	eventually(t, "one is queued", func() bool { return s.svc.Info().Queued == 1 })
	stopped := make(chan error, 1)
	go func() { stopped <- s.tree.Stop(within(t, 2*patience)) }()
	err := receive(t, running)
	demand(t, err, actor.Unknown)
	if errors.Is(err, remote.ErrNoAnswer) {
		t.Errorf("the caller was told nothing: %v", err)
	}
	demand(t, receive(t, queued), actor.NotRun, context.Canceled)
	if err := receive(t, ended); err != context.Canceled {
		t.Error(err)
	}
	close(hold)
	receive(t, stopped)
}

// Serve does not return before what was accepted is answered.
func TestR8Waits(t *testing.T) {
	srv := server(t)
	n := node(t, srv, remote.Config{})
	hold := make(chan struct{})
	svc := actor.Start(&bank.Account{Seen: func(context.Context, bank.Entry) error { <-hold; return nil }}, actor.WithLogger(silent))
	t.Cleanup(svc.Kill)
	b := bank.BindAccount(n, "bank.eve", svc)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() { _ = b.Serve(ctx); ended <- b.Info().InFlight }()
	eventually(t, "it is served", func() bool { return len(n.Info().Bindings) == 1 })
	client := bank.NewAccountClient(node(t, srv, remote.Config{}), "bank.eve")
	result := make(chan error, 1)
	go func() { _, err := client.Deposit(within(t, patience), "x", 1); result <- err }()
	eventually(t, "one runs", func() bool { return svc.Info().Running == 1 })
	stop()
	eventually(t, "nothing new is taken", func() bool {
		_, err := client.Deposit(within(t, 10*time.Millisecond), "y", 1)
		return errors.Is(err, remote.ErrNoService)
	})
	select {
	case n := <-ended:
		t.Errorf("Serve has returned, and %d calls are not answered", n)
		ended <- n
	case <-time.After(100 * time.Millisecond):
	}
	close(hold)
	if err := receive(t, result); err != nil {
		t.Error(err)
	}
	if n := receive(t, ended); n != 0 {
		t.Errorf("Serve has returned, and %d calls are not answered", n)
	}
}

// A binding may be served again, and by one Serve at a time.
func TestR8ServedAgain(t *testing.T) {
	srv := server(t)
	n := node(t, srv, remote.Config{})
	svc := actor.Start(new(bank.Account), actor.WithLogger(silent))
	t.Cleanup(svc.Kill)
	client := bank.NewAccountClient(node(t, srv, remote.Config{}), "bank.eve")
	b := bank.BindAccount(n, "bank.eve", svc)
	for range 2 {
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- b.Serve(ctx) }()
		eventually(t, "it is served", func() bool {
			_, err := client.Deposit(within(t, patience), "x", 1)
			return err == nil
		})
		if err := b.Serve(ctx); !errors.Is(err, actor.ErrServed) {
			t.Error(err)
		}
		if i := n.Info(); len(i.Bindings) != 1 || i.Bindings[0].Name != "bank.eve" || i.Bindings[0].State != "running" || i.Bindings[0].Calls.Ran == 0 {
			t.Errorf("%+v", i)
		}
		stop()
		if err := receive(t, done); err != nil {
			t.Error(err)
		}
		_, err := client.Deposit(within(t, patience), "x", 1)
		demand(t, err, actor.NotRun, remote.ErrNoService)
		if i := n.Info(); len(i.Bindings) != 0 {
			t.Errorf("%+v", i)
		}
	}
	if b.Name() != "bank.eve" || !b.SignalsReady() || n.Name() != "remote" || !n.SignalsReady() {
		t.Error(b.Name(), n.Name())
	}
}

// The connection of a binding is closed for good: both end with an error, and a supervisor
// serves both anew.
func TestR8ConnectionClosed(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	n, err := remote.Start(nc, remote.Config{Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	svc := actor.Start(new(bank.Account), actor.WithLogger(silent))
	t.Cleanup(svc.Kill)
	b := bank.BindAccount(n, "bank.eve", svc)
	served := make(chan error, 2)
	go func() { served <- b.Serve(context.Background()) }()
	go func() { served <- n.Serve(context.Background()) }()
	client := bank.NewAccountClient(node(t, srv, remote.Config{}), "bank.eve")
	eventually(t, "it is served", func() bool {
		_, err := client.Deposit(within(t, patience), "x", 1)
		return err == nil
	})
	nc.Close()
	for range 2 {
		if err := receive(t, served); err == nil {
			t.Error("Serve = nil")
		}
	}
	if err := n.Serve(context.Background()); err == nil {
		t.Error("a node that Start made was served again without a connection")
	}
}
