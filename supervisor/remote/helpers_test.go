package remote_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// silent is a logger for what a test has fail on purpose.
var silent = slog.New(slog.DiscardHandler)

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// tree starts a supervisor with the children, and stops it at the end of the test.
func tree(t testing.TB, children ...supervisor.Child) *supervisor.Supervisor {
	t.Helper()
	s := supervisor.New("test", supervisor.Spec{Strategy: supervisor.RestForOne, Children: children, Logger: silent})
	if err := s.Start(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(within(t, patience)); err != nil {
			t.Error(err)
		}
	})
	return s
}

// server is a NATS server that other processes and proxies reach.
func server(t testing.TB) *embedded.Server {
	t.Helper()
	srv := embedded.New(embedded.Config{Listen: "127.0.0.1:0", Logger: silent})
	tree(t, supervisor.Child{Service: srv})
	return srv
}

// node connects to the server, in memory.
func node(t testing.TB, srv *embedded.Server, cfg remote.Config) *remote.Node {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = silent
	}
	n := remote.New(srv.Dial(), cfg)
	tree(t, supervisor.Child{Service: n})
	return n
}

// pair is an account that one node serves and another one calls.
type pair struct {
	srv     *embedded.Server
	server  *remote.Node
	caller  *remote.Node
	svc     *actor.Service[bank.Account]
	binding *remote.Binding
	client  bank.AccountClient
	tree    *supervisor.Supervisor // of the service and the binding
}

// setup is what a test wants of a pair.
type setup struct {
	account func() *bank.Account // default: an empty one
	caller  remote.Config
	server  remote.Config
	opts    []actor.Option
	bind    []remote.BindOption
}

func newPair(t testing.TB, s setup) *pair {
	t.Helper()
	p := &pair{srv: server(t)}
	p.caller, p.server = node(t, p.srv, s.caller), node(t, p.srv, s.server)
	if s.account == nil {
		s.account = func() *bank.Account { return new(bank.Account) }
	}
	p.svc = actor.New(func(context.Context) (*bank.Account, error) { return s.account(), nil },
		append([]actor.Option{actor.WithLogger(silent)}, s.opts...)...)
	p.binding = bank.BindAccount(p.server, "bank.ada", p.svc, s.bind...)
	p.tree = tree(t, supervisor.Child{Service: p.svc}, supervisor.Child{Service: p.binding})
	p.client = bank.NewAccountClient(p.caller, "bank.ada")
	return p
}

// receive returns what comes, within the test's patience.
func receive[V any](t testing.TB, c <-chan V) (v V) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	return v
}

// eventually demands that ok becomes true, and asks again and again.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// demand checks the outcome of an error and what it is.
func demand(t *testing.T, err error, what actor.Outcome, is ...error) {
	t.Helper()
	if got := actor.OutcomeOf(err); got != what {
		t.Errorf("the outcome of %v is %v, want %v", err, got, what)
	}
	if got := errors.Is(err, actor.ErrNotRun); got != (what == actor.NotRun) {
		t.Errorf("that %v is ErrNotRun is %v", err, got)
	}
	if err != nil && err.Error() == "" {
		t.Error("it says nothing")
	}
	for _, target := range is {
		if !errors.Is(err, target) {
			t.Errorf("%v is not %v", err, target)
		}
	}
}

// raw connects as a program without the package does.
func raw(t testing.TB, srv *embedded.Server, opts ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := srv.Dial(opts...)(within(t, patience))
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
	t.Cleanup(func() { nc.Close(); <-closed })
	return nc
}
