package remote_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// fake answers requests to a name by hand, as a server of any version may.
func fake(t *testing.T, nc *nats.Conn, name string, answer func(m *nats.Msg)) {
	t.Helper()
	if _, err := nc.Subscribe("nano.1.c."+name+".*", answer); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
}

// reply answers by hand, in a callback, which may outlive the test.
func reply(nc *nats.Conn, to *nats.Msg, answer *nats.Msg) {
	answer.Subject = to.Reply
	_ = nc.PublishMsg(answer)
}

func publish(t *testing.T, nc *nats.Conn, m *nats.Msg) {
	t.Helper()
	if err := errors.Join(nc.PublishMsg(m), nc.Flush()); err != nil {
		t.Fatal(err)
	}
}

// What a call returns for each answer that may come: outcomes are the server's word, and
// what cannot be read is Unknown, or lost results. Never a wrong value.
func TestR2Answers(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	caller := node(t, srv, remote.Config{})
	answers := make(chan *nats.Msg, 1)
	fake(t, nc, "fake", func(m *nats.Msg) { reply(nc, m, <-answers) })
	client := bank.NewAccountClient(caller, "fake")
	told := func(json string, data ...byte) *nats.Msg {
		return &nats.Msg{Header: nats.Header{"Nano-Error": {json}}, Data: data}
	}
	seven := []byte{0x81, 0x07}
	for name, c := range map[string]struct {
		answer *nats.Msg
		sum    int64
		what   actor.Outcome
		is     error
		text   string // in that of the error; "": there is none
	}{
		"results":                   {&nats.Msg{Data: seven}, 7, actor.Ran, nil, ""},
		"not run":                   {told(`{"o":"n","m":"full","is":["actor.ErrMailboxFull"]}`), 0, actor.NotRun, actor.ErrMailboxFull, "full"},
		"own error":                 {told(`{"m":"sorry"}`, seven...), 7, actor.Ran, nil, "sorry"},
		"own, a sentinel of NotRun": {told(`{"m":"x","is":["actor.ErrStopped"],"t":"x"}`), 0, actor.Ran, actor.ErrStopped, "x"},
		"crashed":                   {told(`{"o":"c","m":"boom","f":"F","l":"a.go:3"}`), 0, actor.Crashed, nil, "boom"},
		"unknown":                   {told(`{"o":"u","m":"cut off","is":["actor.ErrStopped"]}`), 0, actor.Unknown, actor.ErrStopped, "cut off"},
		"another version's":         {told(`{"o":"z"}`), 0, actor.Unknown, remote.ErrNoAnswer, "outcome"},
		"a header that is none":     {told(`{`), 0, actor.Unknown, remote.ErrNoAnswer, "JSON"},
		"an endless header":         {told(`{"o":"n","m":"` + strings.Repeat("x", 70000) + `"}`), 0, actor.Unknown, remote.ErrNoAnswer, "bytes"},
		"no results":                {&nats.Msg{}, 0, actor.Unknown, remote.ErrNoAnswer, "no binding"},
		"results of another type":   {&nats.Msg{Data: []byte{0x81, 0x61, 'x'}}, 0, actor.Ran, nil, "cannot be read"},
		"more results":              {&nats.Msg{Data: []byte{0x82, 0x07, 0x07}}, 0, actor.Unknown, remote.ErrNoAnswer, "no binding"},
		"results cut off":           {&nats.Msg{Data: []byte{0x81, 0x19}}, 0, actor.Unknown, remote.ErrNoAnswer, "no binding"},
		"with something behind":     {&nats.Msg{Data: []byte{0x81, 0x07, 0x07}}, 0, actor.Unknown, remote.ErrNoAnswer, "no binding"},
		"nested for ever":           {&nats.Msg{Data: []byte(strings.Repeat("\x81", 5000))}, 0, actor.Unknown, remote.ErrNoAnswer, "no binding"},
		"JSON":                      {&nats.Msg{Data: []byte(`[7]`)}, 0, actor.Unknown, remote.ErrNoAnswer, "no binding"},
		"a stream's":                {&nats.Msg{Data: []byte(`{"stream":"AUDIT","seq":1}`)}, 0, actor.Unknown, remote.ErrNoAnswer, "no binding"},
		"an error type broken":      {told(`{"m":"x","t":"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank.LimitError","v":"9g=="}`), 0, actor.Ran, nil, "x"},
		"nobody, by NATS":           {&nats.Msg{Header: nats.Header{"Status": {"503"}}}, 0, actor.NotRun, remote.ErrNoService, "not served"},
	} {
		answers <- c.answer
		sum, err := client.Deposit(within(t, patience), "x", 1)
		if sum != c.sum || (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %d, %v", name, sum, err)
		}
		demand(t, err, c.what)
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v is not %v", name, err, c.is)
		}
	}
}

// A stream that records requests answers each of them, before the service or after it, also
// where there is none. That is never taken for the service's word.
func TestR2Stream(t *testing.T) {
	srv := embedded.New(embedded.Config{Dir: t.TempDir(), Logger: silent})
	tree(t, supervisor.Child{Service: srv})
	js, err := raw(t, srv).JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.AddStream(&nats.StreamConfig{Name: "AUDIT", Subjects: []string{"nano.1.c.>"}}, nats.MaxWait(patience)); err != nil {
		t.Fatal(err)
	}
	n := node(t, srv, remote.Config{})
	client := bank.NewAccountClient(n, "nobody")
	sum, err := client.Deposit(within(t, patience), "x", 1)
	demand(t, err, actor.Unknown, remote.ErrNoAnswer)
	if sum != 0 {
		t.Error(sum)
	}
	if err := client.Note("x"); err != nil {
		t.Fatal(err)
	}
	demand(t, client.Client().Sync(within(t, patience)), actor.Unknown, remote.ErrNoAnswer)
	if c := n.Info().Casts; c.Accepted != 0 || c.Unknown != 1 {
		t.Errorf("%+v", c)
	}
}

// What is not sent is NotRun, and nothing of it reaches NATS.
func TestR2NotSent(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	var seen atomic.Int64
	fake(t, nc, "fake", func(*nats.Msg) { seen.Add(1) })
	caller := node(t, srv, remote.Config{})
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	big := strings.Repeat("x", int(nc.MaxPayload()))
	draining, err := srv.Dial()(within(t, patience))
	if err != nil {
		t.Fatal(err)
	}
	drained, err := remote.Start(draining, remote.Config{Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	draining.SetClosedHandler(func(*nats.Conn) { close(closed) })
	draining.Close()
	receive(t, closed)
	for name, c := range map[string]struct {
		n    *remote.Node
		ctx  context.Context
		text string
		is   error
	}{
		"ctx is over":       {caller, ended, "", context.Canceled},
		"too large":         {caller, within(t, patience), big, remote.ErrTooLarge},
		"node never served": {remote.New(srv.Dial(), remote.Config{Logger: silent}), within(t, patience), "", remote.ErrDisconnected},
		"connection closed": {drained, within(t, patience), "", remote.ErrDisconnected},
	} {
		client := bank.NewAccountClient(c.n, "fake")
		_, err := client.Deposit(c.ctx, c.text, 1)
		demand(t, err, actor.NotRun, c.is)
		if name == "ctx is over" {
			continue // which does not matter to a cast
		}
		demand(t, client.Note(c.text), actor.NotRun, c.is)
		if got := c.n.Info(); got.Calls.NotRun == 0 || got.Casts.Unsent == 0 || got.Casts.Sent != 0 || got.InFlight != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := bank.NewAccountClient(caller, "elsewhere").Deposit(within(t, patience), "", 1); err == nil {
		t.Error("a name that is not served")
	} else {
		demand(t, err, actor.NotRun, remote.ErrNoService)
	}
	if n := seen.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// In flight = bound: a call waits within its context, and a cast is refused.
func TestR3Bound(t *testing.T) {
	gate := make(chan struct{})
	p := newPair(t, setup{
		account: func() *bank.Account { return &bank.Account{Gate: gate, Began: make(chan string, 1)} },
		caller:  remote.Config{InFlight: 1},
	})
	first := make(chan error, 1)
	go func() { _, err := p.client.Wait(within(t, patience), "first"); first <- err }()
	eventually(t, "the first is in flight", func() bool { return p.caller.Info().InFlight == 1 })
	_, err := p.client.Deposit(within(t, time.Millisecond), "x", 1)
	demand(t, err, actor.NotRun, context.DeadlineExceeded)
	demand(t, p.client.Note("x"), actor.NotRun, actor.ErrMailboxFull)
	second := make(chan error, 1)
	go func() { _, err := p.client.Deposit(within(t, patience), "y", 1); second <- err }()
	close(gate)
	if err := errors.Join(receive(t, first), receive(t, second)); err != nil {
		t.Error(err)
	}
	if info := p.caller.Info(); info.InFlight != 0 || info.Calls != (remote.Calls{Ran: 2, NotRun: 1}) {
		t.Errorf("%+v", info)
	}
}

// A call whose context ends is given up, and the server is told.
func TestR3GivenUp(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	asked, told := make(chan *nats.Msg, 1), make(chan *nats.Msg, 1)
	fake(t, nc, "fake", func(m *nats.Msg) { asked <- m })
	if _, err := nc.ChanSubscribe("nano.1.x.fake", told); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	caller := node(t, srv, remote.Config{Timeout: 50 * time.Millisecond})
	client := bank.NewAccountClient(caller, "fake")
	ctx, cancel := context.WithCancel(within(t, patience))
	go func() { <-asked; cancel() }()
	_, err := client.Deposit(ctx, "x", 1)
	demand(t, err, actor.Unknown, remote.ErrNoAnswer, context.Canceled)
	if m := receive(t, told); !strings.HasPrefix(string(m.Data), "_INBOX."+caller.Info().Node+".") {
		t.Errorf("the cancellation is of %q", m.Data)
	}
	unbounded := make(chan error, 1)
	go func() { _, err := client.Deposit(context.Background(), "x", 1); unbounded <- err }()
	err = receive(t, unbounded) // by Config.Timeout
	demand(t, err, actor.Unknown, remote.ErrNoAnswer, context.DeadlineExceeded)
	late := receive(t, asked)
	receive(t, told)
	// A late answer, and one that comes twice, find no caller.
	go func() {
		m := <-asked
		reply(nc, late, &nats.Msg{Data: []byte{0x81, 0x01}})
		reply(nc, m, &nats.Msg{Data: []byte{0x81, 0x02}})
		reply(nc, m, &nats.Msg{Data: []byte{0x81, 0x03}})
		reply(nc, <-asked, &nats.Msg{Data: []byte{0x81, 0x04}})
	}()
	for _, want := range []int64{2, 4} {
		if sum, err := client.Deposit(within(t, patience), "x", 1); sum != want || err != nil {
			t.Errorf("%d, %v; want %d", sum, err, want)
		}
	}
}

// The end of the node answers those who wait, at once: it is not known what became of what
// they have sent.
func TestR3NodeEnds(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	asked := make(chan *nats.Msg, 2)
	fake(t, nc, "fake", func(m *nats.Msg) { asked <- m })
	letters := make(chan remote.Letter, 1)
	n := remote.New(srv.Dial(), remote.Config{Logger: silent, OnDeadLetter: func(l remote.Letter) { letters <- l }})
	s := supervisor.New("node", supervisor.Spec{Children: []supervisor.Child{{Service: n}}, Logger: silent})
	if err := s.Start(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	client := bank.NewAccountClient(n, "fake")
	result := make(chan error, 1)
	go func() { _, err := client.Deposit(context.Background(), "x", 1); result <- err }()
	receive(t, asked)
	if err := client.Note("x"); err != nil {
		t.Fatal(err)
	}
	receive(t, asked)
	if err := s.Stop(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	err := receive(t, result)
	demand(t, err, actor.Unknown, remote.ErrNoAnswer)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("not at once: %v", err)
	}
	if l := receive(t, letters); l.Outcome != actor.Unknown || l.Name != "fake" || l.Method != "Note" {
		t.Errorf("%+v", l)
	}
	if err := client.Client().Sync(within(t, patience)); !errors.Is(err, remote.ErrNoAnswer) {
		t.Errorf("Sync = %v", err)
	}
	eventually(t, "nothing is in flight", func() bool { return n.Info().InFlight == 0 })
	if info := n.Info(); info.Connected || info.Casts.Unknown != 1 || info.Calls.Unknown != 1 {
		t.Errorf("%+v", info)
	}
}

// torn is a connection whose writes can be made to fail.
type torn struct {
	net.Conn
	tear *atomic.Bool
}

func (c torn) Write(b []byte) (int, error) {
	if c.tear.Load() {
		return 0, errors.New("torn")
	}
	return c.Conn.Write(b)
}

// tearing dials connections of which writes fail while tear is set.
type tearing struct{ tear atomic.Bool }

func (d *tearing) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	return torn{c, &d.tear}, err
}

// A publish that fails while it is written may have gone out.
func TestR2WriteFails(t *testing.T) {
	srv := server(t)
	d := new(tearing)
	var nc *nats.Conn
	n := remote.New(func(ctx context.Context) (_ *nats.Conn, err error) {
		nc, err = remote.Dial(srv.URL(), nats.SetCustomDialer(d), nats.ReconnectWait(time.Millisecond), nats.PingInterval(20*time.Millisecond))(ctx)
		return nc, err
	}, remote.Config{Logger: silent})
	tree(t, supervisor.Child{Service: n})
	client := bank.NewAccountClient(n, "fake")
	d.tear.Store(true)
	_, err := client.Deposit(within(t, patience), strings.Repeat("x", 100_000), 1) // more than is buffered
	demand(t, err, actor.Unknown, remote.ErrNoAnswer)
	eventually(t, "the loss is noticed", func() bool { return !n.Info().Connected })
	// While it is disconnected, nothing is buffered.
	_, err = client.Deposit(within(t, patience), "x", 1)
	demand(t, err, actor.NotRun, remote.ErrDisconnected)
	demand(t, client.Note("x"), actor.NotRun, remote.ErrDisconnected)
	d.tear.Store(false)
	eventually(t, "it is back", func() bool { return n.Info().Connected })
	_, err = client.Deposit(within(t, patience), "x", 1)
	demand(t, err, actor.NotRun, remote.ErrNoService)
}

// A call outlives the loss of a connection: its answer may still come.
func TestR3Reconnected(t *testing.T) {
	p := newPair(t, setup{})
	var nc *nats.Conn
	n := remote.New(func(ctx context.Context) (_ *nats.Conn, err error) {
		nc, err = p.srv.Dial(nats.ReconnectWait(time.Millisecond))(ctx)
		return nc, err
	}, remote.Config{Logger: silent})
	tree(t, supervisor.Child{Service: n})
	gate := make(chan struct{})
	began := make(chan string, 1)
	if err := p.svc.Run(within(t, patience), func(a *bank.Account) error { a.Gate, a.Began = gate, began; return nil }); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { _, err := bank.NewAccountClient(n, "bank.ada").Wait(within(t, patience), "x"); result <- err }()
	receive(t, began)
	connected := nc.StatusChanged(nats.CONNECTED)
	if err := nc.ForceReconnect(); err != nil {
		t.Fatal(err)
	}
	receive(t, connected)
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	close(gate)
	if err := receive(t, result); err != nil {
		t.Error(err)
	}
}

// What answers a ping may be no binding.
func TestR2AnswersToPings(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	if _, err := nc.Subscribe("nano.1.p.fake", func(m *nats.Msg) { reply(nc, m, &nats.Msg{Data: []byte("{")}) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	_, err := bank.NewAccountClient(node(t, srv, remote.Config{}), "fake").Client().Ping(within(t, patience))
	demand(t, err, actor.Unknown)
}
