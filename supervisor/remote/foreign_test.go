package remote_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// eachManner runs f for each manner in which a value may misbehave. What blocks does so until
// the end of the test.
func eachManner(t *testing.T, f func(t *testing.T, m hostile.Manner)) {
	for _, name := range hostile.Names {
		t.Run(name, func(t *testing.T) {
			m, release := hostile.New(name)
			t.Cleanup(release) // before the ends of trees that are made later
			f(t, m)
		})
	}
}

// works demands that calls and casts of the pair are answered, and that Sync returns.
func works(t *testing.T, p *pair) {
	t.Helper()
	if _, err := p.client.Deposit(within(t, patience), "works", 1); err != nil {
		t.Error(err)
	}
	if err := p.client.Note("works"); err != nil {
		t.Error(err)
	}
	if err := p.client.Client().Sync(within(t, patience)); err != nil {
		t.Error(err)
	}
}

// inside runs f on a goroutine that may be harmed.
func inside(f func()) (over <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		f()
	}()
	return done
}

// A logger that misbehaves harms no call: what it is told of comes up on goroutines that all
// calls of a node share.
func TestL17LoggerOfANode(t *testing.T) {
	eachManner(t, func(t *testing.T, m hostile.Manner) {
		began := make(chan struct{}, 100)
		act := m.Act
		m.Act = func() { began <- struct{}{}; act() }
		bad := slog.New(&hostile.Handler{Manner: m})
		p := newPair(t, setup{
			caller: remote.Config{Logger: bad, OnDeadLetter: func(remote.Letter) { panic("hook") }},
			server: remote.Config{Logger: bad},
		})
		lost := bank.NewAccountClient(p.caller, "nobody")
		for range 3 {
			if err := lost.Note("x"); err != nil {
				t.Error(err)
			}
		}
		receive(t, began)
		works(t, p)
		if err := lost.Client().Sync(within(t, patience)); !errors.Is(err, remote.ErrNoService) {
			t.Error(err)
		}
	})
}

// A hook is not told of a cast that it has sent itself, whether that was refused at once or
// by an answer, nor by way of another node's hook.
func TestL17LetterOfANodeAboutALetter(t *testing.T) {
	for _, connected := range []bool{true, false} {
		var told [2]atomic.Int64
		var clients [2]bank.AccountClient
		hook := func(i int) func(remote.Letter) {
			return func(remote.Letter) {
				told[i].Add(1)
				_ = clients[0].Note("again")
				_ = clients[1].Note("again")
			}
		}
		srv := server(t)
		var nodes [2]*remote.Node
		for i := range nodes {
			cfg := remote.Config{Logger: silent, OnDeadLetter: hook(i)}
			if connected {
				nodes[i] = node(t, srv, cfg)
			} else {
				nodes[i] = remote.New(srv.Dial(), cfg)
			}
			clients[i] = bank.NewAccountClient(nodes[i], "nobody")
		}
		lost := func(i int) uint64 {
			c := nodes[i].Info().Casts
			return c.Refused + c.Unsent
		}
		// Each of two letters is told to the first hook, of whose two the other's is told to
		// that, whose two have the first or itself for a cause.
		for n := range uint64(2) {
			_ = clients[0].Note("first")
			eventually(t, "all are refused", func() bool { return lost(0) == 3*(n+1) && lost(1) == 2*(n+1) })
		}
		if a, b := told[0].Load(), told[1].Load(); a != 2 || b != 2 {
			t.Errorf("connected %t: the hooks are told %d and %d times", connected, a, b)
		}
	}
}

// A logger that sends casts, as one that ships records does, has no record of those.
func TestL17LoggerOfANodeThatSends(t *testing.T) {
	for _, connected := range []bool{true, false} {
		var client bank.AccountClient
		var records atomic.Int64
		cfg := remote.Config{Logger: slog.New(sending(func() { records.Add(1); _ = client.Note("a record") }))}
		srv := server(t)
		n := remote.New(srv.Dial(), cfg)
		if connected {
			n = node(t, srv, cfg)
		}
		client = bank.NewAccountClient(n, "nobody")
		_ = client.Note("x")
		eventually(t, "both are refused", func() bool { c := n.Info().Casts; return c.Refused+c.Unsent == 2 })
		if held := n.HeldBack(); held != 1 || records.Load() != 1 {
			t.Errorf("connected %t: %d letters are for the log, and %d records", connected, held, records.Load())
		}
	}
}

// sending is a handler that does something.
type sending func()

func (s sending) Enabled(context.Context, slog.Level) bool  { return true }
func (s sending) Handle(context.Context, slog.Record) error { s(); return nil }
func (s sending) WithAttrs([]slog.Attr) slog.Handler        { return s }
func (s sending) WithGroup(string) slog.Handler             { return s }

// What a sentinel says is asked when it is declared: who takes an answer runs none of its methods.
func TestL17SentinelsThatMisbehave(t *testing.T) {
	p := newPair(t, setup{})
	nc := raw(t, p.srv)
	fake(t, nc, "fake", func(m *nats.Msg) {
		reply(nc, m, &nats.Msg{Header: nats.Header{"Nano-Error": {`{"o":"n","m":"no","is":["sentinel"],"t":"evil"}`}}})
	})
	eachManner(t, func(t *testing.T, m hostile.Manner) {
		var armed atomic.Bool
		act := m.Act
		m.Act = func() {
			if armed.Load() {
				act()
			}
		}
		sentinel := &hostile.Error{Manner: m}
		client := remote.NewClient(p.caller, "fake", remote.Signatures{
			Type: "fake", Methods: []string{"Note(text string)"}, Errors: []remote.Known{remote.Sentinel("sentinel", sentinel)},
		})
		armed.Store(true)
		if err := remote.Tell(context.Background(), client, "Note", noteArgs{Text: "x"}); err != nil {
			t.Error(err)
		}
		eventually(t, "it is refused", func() bool { return p.caller.Info().Casts.InFlight == 0 })
		works(t, p)
		over := inside(func() { _ = client.Sync(within(t, patience)) }) // which may ask
		works(t, p)
		armed.Store(false)
		_ = over
	})
}

// evil is an argument that cannot be encoded, for a reason that misbehaves.
type evil struct{ err error }

func (e evil) MarshalText() ([]byte, error) { return nil, e.err }
func (e *evil) UnmarshalText([]byte) error  { return e.err }

// An error of a marshaler's harms who sends, and neither the client's other casts nor its Sync.
func TestL17ErrorsOfMarshalers(t *testing.T) {
	all, release := hostile.Errors()
	t.Cleanup(release)
	p := newPair(t, setup{caller: remote.Config{OnDeadLetter: func(remote.Letter) {}}})
	client := remote.NewClient(p.caller, "nobody", remote.Signatures{Type: "x", Methods: []string{"Note(text evil)"}})
	for name, err := range all {
		t.Run(name, func(t *testing.T) {
			type args struct {
				_    struct{} `cbor:",toarray"`
				Text evil
			}
			began := make(chan struct{})
			over := inside(func() {
				close(began)
				_ = remote.Tell(context.Background(), client, "Note", args{Text: evil{err}})
			})
			receive(t, began)
			runtime.Gosched()
			works(t, p)
			synced := inside(func() { _ = client.Sync(within(t, patience)) })
			receive(t, synced)
			if name != "blocks" && name != "blocks, wrapped" {
				receive(t, over)
			}
		})
	}
}

// around is a service with a method of its own, by which it is described.
type around struct {
	*actor.Service[bank.Account]
	hostile.Manner
}

func (a around) Info() actor.Info { a.Act(); return a.Service.Info() }

// named is one that has no Info.
type named struct {
	actor.Ref[bank.Account]
	hostile.Manner
}

func (n named) Name() string { n.Act(); return "named" }

// A service that misbehaves when it is asked who it is has no name and no state.
func TestL17ServicesThatAreDescribed(t *testing.T) {
	eachManner(t, func(t *testing.T, m hostile.Manner) {
		p := newPair(t, setup{})
		for name, svc := range map[string]actor.Ref[bank.Account]{"around": around{p.svc, m}, "named": named{p.svc, m}} {
			b := bank.BindAccount(p.server, name, svc)
			tree(t, supervisor.Child{Service: b})
			client := bank.NewAccountClient(p.caller, name)
			if who, err := client.Client().Ping(within(t, patience)); err != nil || who.Service != "" || who.State != "" {
				t.Errorf("%s: %+v, %v", name, who, err)
			}
			if i := b.Info(); i.Name != name || i.Service != "" {
				t.Errorf("%s: %+v", name, i)
			}
			if _, err := client.Deposit(within(t, patience), "x", 1); err != nil {
				t.Error(err)
			}
		}
		works(t, p)
	})
}
