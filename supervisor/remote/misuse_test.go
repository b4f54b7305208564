package remote_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// Misuse panics, with what it is.
func TestNilIsSaid(t *testing.T) {
	n := remote.New(remote.Dial("nats://127.0.0.1:1"), remote.Config{Logger: silent})
	svc := actor.Start(new(bank.Account))
	t.Cleanup(svc.Kill)
	table := &remote.Interface[bank.Account]{}
	var none *remote.Client
	type fn struct {
		_ struct{} `cbor:",toarray"`
		A func()
	}
	call := func(context.Context, actor.Ref[bank.Account], fn) *actor.Future[fn] { return nil }
	cast := func(context.Context, actor.Ref[bank.Account], struct{}) error { return nil }
	for name, c := range map[string]struct {
		f    func()
		text string
	}{
		"New":              {func() { remote.New(nil, remote.Config{}) }, "nil dial"},
		"New, config":      {func() { remote.New(remote.Dial(""), remote.Config{Timeout: -1, InFlight: -1, AckTimeout: -1}) }, "AckTimeout"},
		"Node.Serve":       {func() { _ = (*remote.Node)(nil).Serve(context.Background()) }, "made by New"},
		"Node.Serve, ctx":  {func() { var ctx context.Context; _ = n.Serve(ctx) }, "nil context"},
		"Node.Info":        {func() { new(remote.Node).Info() }, "made by New"},
		"NewClient":        {func() { remote.NewClient(nil, "x", remote.Signatures{}) }, "made by New"},
		"NewClient, name":  {func() { remote.NewClient(n, "a b", remote.Signatures{}) }, "a name is"},
		"NewClient, twice": {func() { remote.NewClient(n, "x", remote.Signatures{Methods: []string{"M()", "M(a int)"}}) }, "two signatures of M"},
		"NewClient, none":  {func() { remote.NewClient(n, "x", remote.Signatures{Methods: []string{"M"}}) }, "a signature is"},
		"NewClient, known": {func() { remote.NewClient(n, "x", remote.Signatures{Errors: []remote.Known{{}}}) }, "made by Sentinel"},
		"Client.Sync":      {func() { _ = none.Sync(context.Background()) }, "made by NewClient"},
		"Client.Ping":      {func() { _, _ = none.Ping(context.Background()) }, "made by NewClient"},
		"Client.Name":      {func() { none.Name() }, "made by NewClient"},
		"Invoke":           {func() { _, _ = remote.Invoke[fn, fn](context.Background(), none, "M", fn{}) }, "made by NewClient"},
		"Invoke, method": {func() {
			_, _ = remote.Invoke[fn, fn](context.Background(), remote.NewClient(n, "x", remote.Signatures{}), "M", fn{})
		}, "has no signature"},
		"Tell":          {func() { _ = remote.Tell(context.Background(), none, "M", fn{}) }, "made by NewClient"},
		"Bind":          {func() { remote.Bind(nil, "x", svc, table) }, "made by New"},
		"Bind, service": {func() { remote.Bind(n, "x", nil, table) }, "without a service"},
		"Bind, table":   {func() { remote.Bind[bank.Account](n, "x", svc, nil) }, "without a service"},
		"Bind, method": {func() {
			remote.Bind(n, "x", svc, &remote.Interface[bank.Account]{Methods: []remote.Method[bank.Account]{{}}})
		}, "made by Call"},
		"Bind, twice": {func() {
			m := remote.Cast("M()", cast)
			remote.Bind(n, "x", svc, &remote.Interface[bank.Account]{Methods: []remote.Method[bank.Account]{m, m}})
		}, "two methods M"},
		"Bind, types": {func() {
			remote.Bind(n, "x", svc, &remote.Interface[bank.Account]{Methods: []remote.Method[bank.Account]{remote.Call("M(f func())", call)}})
		}, "A: func"},
		"Bind, option":    {func() { remote.Bind(n, "x", svc, table, remote.BindOption{}) }, "zero BindOption"},
		"Binding.Serve":   {func() { _ = (*remote.Binding)(nil).Serve(context.Background()) }, "made by Bind"},
		"Binding.Info":    {func() { new(remote.Binding).Info() }, "made by Bind"},
		"Binding.Name":    {func() { new(remote.Binding).Name() }, "made by Bind"},
		"Signatures":      {func() { (*remote.Interface[bank.Account])(nil).Signatures() }, "nil Interface"},
		"Call":            {func() { remote.Call[bank.Account, fn, fn]("M()", nil) }, "nil function"},
		"Call, signature": {func() { remote.Call("M N()", call) }, "a signature is"},
		"Cast":            {func() { remote.Cast[bank.Account, fn]("M()", nil) }, "nil function"},
		"Sentinel":        {func() { remote.Sentinel("x", nil) }, "without a name or an error"},
		"ErrorType":       {func() { remote.ErrorType[*bank.LimitError]("") }, "without a name"},
		"WithInFlight":    {func() { remote.WithInFlight(0) }, "positive"},
		"Authorize":       {func() { remote.Authorize(nil) }, "nil function"},
	} {
		func() {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "remote: ") || !strings.Contains(p, c.text) {
					t.Errorf("%s: %q, want %q", name, p, c.text)
				}
			}()
			c.f()
		}()
	}
	for _, name := range []string{"", ".", "a.", ".a", "a..b", "a*", ">", "a b", "a\n", "é", strings.Repeat("x", 300)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("the name %q", name)
				}
			}()
			remote.NewClient(n, name, remote.Signatures{})
		}()
	}
	for _, name := range []string{"a", "a-b.C_9", strings.Repeat("x", 200)} {
		remote.NewClient(n, name, remote.Signatures{})
	}
}

// A connection that buffers while it is disconnected is refused at the start, as are others
// that are of no use.
func TestR2BufferRefused(t *testing.T) {
	srv := server(t)
	buffers := raw(t, srv, nats.ReconnectBufSize(1<<20))
	if n, err := remote.Start(buffers, remote.Config{}); err == nil || n != nil || !strings.Contains(err.Error(), "ReconnectBufSize(-1)") {
		t.Error(n, err)
	}
	if n, err := remote.Start(nil, remote.Config{}); err == nil || n != nil {
		t.Error(n, err)
	}
	if n, err := remote.Start(raw(t, srv), remote.Config{InFlight: -1}); err == nil || n != nil {
		t.Error(n, err)
	}
	for name, dial := range map[string]func(context.Context) (*nats.Conn, error){
		"buffers": srv.Dial(nats.ReconnectBufSize(1 << 20)),
		"nil":     func(context.Context) (*nats.Conn, error) { return nil, nil },
		"fails":   func(context.Context) (*nats.Conn, error) { return nil, errors.New("no") },
	} {
		n := remote.New(dial, remote.Config{Logger: silent})
		if err := n.Serve(within(t, patience)); err == nil {
			t.Errorf("%s: Serve = nil", name)
		}
	}
}

// A node is served by one Serve at a time, and anew after its end. What Start made is up.
func TestNodeServed(t *testing.T) {
	srv := server(t)
	for name, n := range map[string]*remote.Node{
		"New":   remote.New(srv.Dial(), remote.Config{Logger: silent}),
		"Start": func() *remote.Node { n, _ := remote.Start(raw(t, srv), remote.Config{Logger: silent}); return n }(),
	} {
		for range 2 {
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- n.Serve(ctx) }()
			eventually(t, "it is connected and served", func() bool { return n.Info().Connected && n.Serving() })
			if err := n.Serve(ctx); !errors.Is(err, actor.ErrServed) {
				t.Errorf("%s: %v", name, err)
			}
			_, err := bank.NewAccountClient(n, "x").Client().Ping(within(t, patience))
			demand(t, err, actor.NotRun, remote.ErrNoService)
			stop()
			if err := receive(t, done); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := n.Info().Connected; got != (name == "Start") {
				t.Errorf("%s: connected is %v", name, got)
			}
		}
	}
}

// Neither errors nor logs tell the password that an address has, or the arguments.
func TestSecrets(t *testing.T) {
	const secret = "hunter2"
	var log logged
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for _, url := range []string{
		"nats://ada:" + secret + "@127.0.0.1:1", "nats://ada:" + secret + "@[::1", "nats://" + secret + "@127.0.0.1:1", "ada:" + secret + "@%zz:1",
		// What a password may contain that ends it, before its end or after it.
		"nats://ada:" + secret + "/x@127.0.0.1:1", "nats://ada:" + secret + "#x@127.0.0.1:1", "nats://ada:" + secret + "?x@127.0.0.1:1",
		"nats://ada:%zz" + secret + "@127.0.0.1:1", "nats://ada:" + secret + "%@127.0.0.1:1", "nats://ada:" + secret + ",x@127.0.0.1:1",
		"nats://" + secret + "/x@127.0.0.1:1", "nats://" + secret + "?x@127.0.0.1:1", "nats://" + secret + "#x@127.0.0.1:1",
		secret + "/x@127.0.0.1:1", "nats://127.0.0.1:1," + secret + "/x@127.0.0.1:1", "nats://" + secret + ",x@127.0.0.1:1",
		"nats://ada:" + secret + " x@127.0.0.1:1", "nats://ada:" + secret + "@x@127.0.0.1:1", "nats://ada:x@" + secret + "@127.0.0.1:1",
		"nats://ada:" + secret + ":x@127.0.0.1:1", "nats://ada:" + secret + "\n@127.0.0.1:1",
	} {
		n := remote.New(remote.Dial(url, nats.Timeout(time.Second)), remote.Config{Logger: logger})
		s := supervisor.New("x", supervisor.Spec{Children: []supervisor.Child{{Service: n}}, Logger: logger})
		err := s.Start(within(t, patience))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", url, err)
		}
		client := bank.NewAccountClient(n, "x")
		_, err = client.Deposit(within(t, patience), secret, 1)
		if failed := client.Note(secret); err == nil || strings.Contains(err.Error()+failed.Error(), secret) {
			t.Errorf("%v, %v", err, failed)
		}
		n.Logged()
	}
	if log.has(secret) || !log.has("casts were not accepted") {
		t.Error(log.text.String())
	}
}
