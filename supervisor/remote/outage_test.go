package remote_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// A binding that ends, or begins, while NATS is away does so without it; and nothing of the
// one that has ended is there when NATS is back.
func TestR8Outage(t *testing.T) {
	srv := embedded.New(embedded.Config{Listen: freePort(t), Logger: silent})
	root := supervisor.New("nats", supervisor.Spec{Children: []supervisor.Child{{Service: srv}}, Logger: silent})
	if err := root.Start(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Stop(context.Background()) })
	n, caller := dialer(t, srv.URL(), remote.Config{}), dialer(t, srv.URL(), remote.Config{})
	svc := actor.Start(new(bank.Account), actor.WithLogger(silent))
	t.Cleanup(svc.Kill)
	b := bank.BindAccount(n, "bank.eve", svc)
	client := bank.NewAccountClient(caller, "bank.eve")
	begin := func() (end func()) {
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- b.Serve(ctx) }()
		return func() {
			t.Helper()
			stop()
			if err := receive(t, done); err != nil {
				t.Error(err)
			}
		}
	}
	call := func(limit time.Duration) error { _, err := client.Deposit(within(t, limit), "x", 1); return err }
	connected := func() bool { return n.Info().Connected && caller.Info().Connected }
	for range 3 {
		end := begin()
		eventually(t, "it is served", func() bool { return call(patience) == nil })
		if err := root.Terminate(within(t, patience), "nats"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the end is noticed", func() bool { return !n.Info().Connected && !caller.Info().Connected })
		end()
		begin()() // one more, which NATS never hears of
		if err := root.Restart(within(t, patience), "nats"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "both are back", connected)
		demand(t, call(patience), actor.NotRun, remote.ErrNoService)
		end = begin()
		eventually(t, "it is served", func() bool { return call(patience) == nil })
		for range 20 {
			if err := call(time.Second * 5); err != nil {
				t.Fatal(err)
			}
		}
		end()
	}
}

// Calls that are under way when the connection is closed for good go on, and are answered
// by the next one.
func TestR8Closed(t *testing.T) {
	srv := server(t)
	conns := make(chan *nats.Conn, 10)
	n := remote.New(func(ctx context.Context) (*nats.Conn, error) {
		nc, err := srv.Dial()(ctx)
		conns <- nc
		return nc, err
	}, remote.Config{Logger: silent})
	gate, began := make(chan struct{}), make(chan string, 1)
	svc := actor.Start(&bank.Account{Gate: gate, Began: began}, actor.WithLogger(silent))
	t.Cleanup(svc.Kill)
	b := bank.BindAccount(n, "bank.eve", svc)
	client := bank.NewAccountClient(node(t, srv, remote.Config{}), "bank.eve")
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 2)
	serve := func() {
		go func() { served <- n.Serve(ctx) }()
		go func() { served <- b.Serve(ctx) }()
		eventually(t, "it is served", func() bool { _, err := client.Client().Ping(within(t, patience)); return err == nil })
	}
	serve()
	result := make(chan error, 1)
	go func() { _, err := client.Wait(within(t, patience), "x"); result <- err }()
	receive(t, began)
	receive(t, conns).Close()
	for range 2 {
		if err := receive(t, served); err == nil {
			t.Error("Serve = nil")
		}
	}
	serve()
	close(gate)
	if err := receive(t, result); err != nil {
		t.Error(err)
	}
	stop()
	for range 2 {
		if err := receive(t, served); err != nil {
			t.Error(err)
		}
	}
}

// What a call has spent waiting for its place is not given to the server.
func TestR4WaitedForItsPlace(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	asked := make(chan *nats.Msg, 2)
	fake(t, nc, "fake", func(m *nats.Msg) { asked <- m })
	client := bank.NewAccountClient(node(t, srv, remote.Config{InFlight: 1}), "fake")
	go func() { _, _ = client.Deposit(within(t, patience), "x", 1) }()
	first := receive(t, asked)
	result := make(chan error, 1)
	go func() { _, err := client.Deposit(within(t, patience), "y", 1); result <- err }()
	const wait = 300 * time.Millisecond
	<-time.After(wait)
	reply(nc, first, &nats.Msg{Data: []byte{0x81, 0x01}})
	second := receive(t, asked)
	us, err := strconv.ParseInt(second.Header.Get("Nano-Timeout"), 10, 64)
	if left := time.Duration(us) * time.Microsecond; err != nil || left > patience-wait/2 {
		t.Errorf("the server is given %v of %v (%v)", left, patience, err)
	}
	reply(nc, second, &nats.Msg{Data: []byte{0x81, 0x02}})
	if err := receive(t, result); err != nil {
		t.Error(err)
	}
}

// Sync's error is NotRun only if nothing of it ran, or may have.
func TestR6SyncOutcome(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	answers := make(chan *nats.Msg, 2)
	fake(t, nc, "fake", func(m *nats.Msg) { reply(nc, m, <-answers) })
	client := bank.NewAccountClient(node(t, srv, remote.Config{}), "fake")
	refused := func() *nats.Msg { return &nats.Msg{Header: nats.Header{"Nano-Error": {`{"o":"n","m":"x"}`}}} }
	for name, c := range map[string]struct {
		answers []*nats.Msg
		what    actor.Outcome
	}{
		"all refused":           {[]*nats.Msg{refused(), refused()}, actor.NotRun},
		"one accepted":          {[]*nats.Msg{refused(), {}}, actor.Unknown},
		"one unknown":           {[]*nats.Msg{refused(), {Header: nats.Header{"Nano-Error": {"{"}}}}, actor.Unknown},
		"all accepted":          {[]*nats.Msg{{}, {}}, actor.Ran},
		"refused a second time": {[]*nats.Msg{refused(), refused()}, actor.NotRun},
	} {
		for _, a := range c.answers {
			answers <- a
			if err := client.Note("x"); err != nil {
				t.Fatal(err)
			}
		}
		if err := client.Client().Sync(within(t, patience)); actor.OutcomeOf(err) != c.what {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A connection that is being drained takes no subscription, of a node or of a binding: both say
// so, and the binding can be served again.
func TestR8Draining(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	n, err := remote.Start(nc, remote.Config{Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	hold, began := make(chan struct{}), make(chan struct{})
	fake(t, nc, "held", func(*nats.Msg) { close(began); <-hold })
	publish(t, nc, &nats.Msg{Subject: "nano.1.c.held.Nothing"})
	receive(t, began)
	if err := nc.Drain(); err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Start(nc, remote.Config{Logger: silent}); !errors.Is(err, nats.ErrConnectionDraining) {
		t.Errorf("Start = %v", err)
	}
	b := bank.BindAccount(n, "bank.ada", actor.New(func(context.Context) (*bank.Account, error) { return new(bank.Account), nil }))
	for range 2 {
		if err := b.Serve(within(t, patience)); !errors.Is(err, nats.ErrConnectionDraining) || !strings.HasPrefix(err.Error(), "remote: binding of bank.ada: ") {
			t.Errorf("Serve = %v", err)
		}
	}
	close(hold)
}
