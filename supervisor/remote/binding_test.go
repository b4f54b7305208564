package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// answer is what a request by hand is answered with.
type answer struct {
	Outcome string   `json:"o"`
	Text    string   `json:"m"`
	Is      []string `json:"is"`
	data    []byte
}

// request sends one by hand. It has no package of ours on its side.
func request(t testing.TB, nc *nats.Conn, subject string, h nats.Header, data []byte) (a answer) {
	t.Helper()
	m, err := nc.RequestMsgWithContext(within(t, patience), &nats.Msg{Subject: subject, Header: h, Data: data})
	if err != nil {
		t.Fatal(subject, err)
	}
	if told := m.Header.Get("Nano-Error"); told != "" {
		if err := json.Unmarshal([]byte(told), &a); err != nil {
			t.Fatal(told, err)
		}
	}
	a.data = m.Data
	return a
}

// sig is the header that a generated client sends for a method.
func sig(signature string) string { return remote.HashOf(signature) }

const (
	depositSig = "Deposit(id string, amount int64) (int64, error)"
	noteSig    = "Note(text string)"
)

// Requests that are refused where they arrive: each is answered n with its reason, and the
// service sees none of them.
func TestR2Refused(t *testing.T) {
	var who string
	p := newPair(t, setup{
		server: remote.Config{Extract: func(ctx context.Context, get func(string) string) context.Context {
			switch get("Mood") {
			case "panics":
				panic("extract")
			case "nil":
				return nil
			}
			return ctx
		}},
		bind: []remote.BindOption{remote.Authorize(func(_ context.Context, method string, h remote.Header) error {
			switch who = h.Get("Who"); {
			case who == "mallory":
				return fmt.Errorf("%s is not for %s", method, who)
			case who == "panics":
				panic(errors.New("authorize"))
			case len(h.Values("Who")) > 1:
				return errors.New("two of them")
			}
			return nil
		})},
	})
	nc := raw(t, p.srv)
	ok := []byte{0x82, 0x61, 'x', 0x07}
	at := func(d time.Duration) []string { return []string{fmt.Sprint(time.Now().Add(d).UnixMilli())} }
	for name, c := range map[string]struct {
		method string
		header nats.Header
		data   []byte
		is     string
		text   string
	}{
		"no method":               {"Close", nil, nil, "remote.ErrNoMethod", "Close"},
		"a name that is long":     {strings.Repeat("x", 2000), nil, nil, "remote.ErrNoMethod", "xxx"},
		"no signature":            {"Deposit", nil, ok, "remote.ErrIncompatible", depositSig},
		"another one":             {"Deposit", nats.Header{"Nano-Sig": {sig(noteSig)}}, ok, "remote.ErrIncompatible", depositSig},
		"not to be read":          {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}}, []byte{0xff}, "", "cannot be read"},
		"nothing":                 {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}}, nil, "", "cannot be read"},
		"too few":                 {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}}, []byte{0x81, 0x61, 'x'}, "", "different number"},
		"too many":                {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}}, []byte{0x83, 0x61, 'x', 0x07, 0x07}, "", "different number"},
		"a map":                   {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}}, []byte{0xa1, 0x61, 'A', 0x07}, "", "cannot be read"},
		"deep":                    {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}}, []byte(strings.Repeat("\x81", 9000)), "", "nested"},
		"a cast not to be read":   {"Note", nats.Header{"Nano-Sig": {sig(noteSig)}}, []byte{0x81, 0x07}, "", "cannot be read"},
		"long over":               {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Nano-Expires": at(-2 * time.Minute)}, ok, "context.DeadlineExceeded", "after its caller's deadline"},
		"a bad time-out":          {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Nano-Timeout": {"-1"}}, ok, "", "Nano-Timeout"},
		"a time-out that is none": {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Nano-Timeout": {"9223372036854775808"}}, ok, "", "Nano-Timeout"},
		"a bad deadline":          {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Nano-Expires": {"soon"}}, ok, "", "Nano-Expires"},
		"not authorized":          {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Who": {"mallory"}}, ok, "actor.ErrRefused", "Deposit is not for mallory"},
		"a cast":                  {"Note", nats.Header{"Nano-Sig": {sig(noteSig)}, "Who": {"mallory"}}, []byte{0x81, 0x61, 'x'}, "actor.ErrRefused", "not for"},
		"authorize panics":        {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Who": {"panics"}}, ok, "", "a hook panicked: authorize"},
		"extract panics":          {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Mood": {"panics"}}, ok, "", "a hook panicked: extract"},
		"extract returns nil":     {"Deposit", nats.Header{"Nano-Sig": {sig(depositSig)}, "Mood": {"nil"}}, ok, "", "nil context"},
		"JSON of another kind":    {"Deposit", nats.Header{"Content-Type": {"application/json"}}, []byte(`["x", "y"]`), "", "cannot be read"},
		"JSON of too few":         {"Deposit", nats.Header{"Content-Type": {"application/json"}}, []byte(`["x"]`), "", "cannot be read"},
		"JSON, another one":       {"Deposit", nats.Header{"Content-Type": {"application/json"}, "Nano-Sig": {"0"}}, []byte(`["x", 7]`), "remote.ErrIncompatible", ""},
	} {
		a := request(t, nc, "nano.1.c.bank.ada."+c.method, c.header, c.data)
		if a.Outcome != "n" || !strings.Contains(a.Text, c.text) || c.is != "" && (len(a.Is) == 0 || a.Is[0] != c.is) || c.is == "" && len(a.Is) > 0 {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if i := p.svc.Info(); i.Accepted != 0 {
		t.Errorf("the service has seen %d", i.Accepted)
	}
	if i := p.binding.Info(); i.Refused != 23 || i.InFlight != 0 {
		t.Errorf("%+v", i)
	}
	// Of what is late by less than ClockSkew, and of JSON by hand, the method runs.
	for name, h := range map[string]nats.Header{
		"a little late": {"Nano-Sig": {sig(depositSig)}, "Nano-Expires": at(-30 * time.Second)},
		"JSON":          {"Content-Type": {"application/json"}},
		"long":          {"Nano-Sig": {sig(depositSig)}, "Nano-Timeout": {"9223372036854775807"}},
	} {
		data, want := ok, "\x81"
		if name == "JSON" {
			data, want = []byte(`["x", 7]`), "["
		}
		if a := request(t, nc, "nano.1.c.bank.ada.Deposit", h, data); a.Outcome != "" || a.Text != "" || !strings.HasPrefix(string(a.data), want) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// What the service refuses, its caller is told with the actor's sentinel.
func TestR2ServiceRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		opts []actor.Option
		then func(t *testing.T, p *pair)
		is   error
	}{
		"full": {[]actor.Option{actor.WithCapacity(1)}, func(t *testing.T, p *pair) {
			if err := p.svc.Do(func(*bank.Account) {}); err != nil {
				t.Fatal(err)
			}
		}, actor.ErrMailboxFull},
		"stopped": {nil, func(t *testing.T, p *pair) { p.svc.Kill() }, actor.ErrStopped},
	} {
		t.Run(name, func(t *testing.T) {
			gate, began := make(chan struct{}), make(chan string, 1)
			p := newPair(t, setup{opts: c.opts, account: func() *bank.Account { return &bank.Account{Gate: gate, Began: began} }})
			first := make(chan error, 1)
			go func() { _, err := p.client.Wait(within(t, patience), "first"); first <- err }()
			receive(t, began)
			c.then(t, p)
			_, err := p.client.Deposit(within(t, patience), "x", 1)
			demand(t, err, actor.NotRun, c.is)
			if err := p.client.Note("x"); err != nil {
				t.Error(err)
			}
			err = p.client.Client().Sync(within(t, patience))
			demand(t, err, actor.NotRun, c.is)
			close(gate)
			receive(t, first)
			if i := p.caller.Info(); i.Casts.Refused != 1 || i.Casts.Sent != 1 {
				t.Errorf("%+v", i)
			}
		})
	}
}

// A binding takes so many calls that are not answered, and no more.
func TestR2BindingBound(t *testing.T) {
	gate, began := make(chan struct{}), make(chan string, 1)
	p := newPair(t, setup{
		account: func() *bank.Account { return &bank.Account{Gate: gate, Began: began} },
		bind:    []remote.BindOption{remote.WithInFlight(2)},
	})
	results := make(chan error, 2)
	for _, name := range []string{"first", "second"} {
		go func() { _, err := p.client.Wait(within(t, patience), name); results <- err }()
	}
	receive(t, began)
	eventually(t, "two are under way", func() bool { return p.binding.Info().InFlight == 2 })
	_, err := p.client.Deposit(within(t, patience), "x", 1)
	demand(t, err, actor.NotRun, actor.ErrMailboxFull)
	close(gate)
	receive(t, began)
	if err := errors.Join(receive(t, results), receive(t, results)); err != nil {
		t.Error(err)
	}
	eventually(t, "none is", func() bool { return p.binding.Info().InFlight == 0 })
	if _, err := p.client.Deposit(within(t, patience), "x", 1); err != nil {
		t.Error(err)
	}
}

// What a call is told that is queued when something ends it, or what runs before it.
func TestR2Ended(t *testing.T) {
	for name, c := range map[string]struct {
		opts            []actor.Option
		end             func(t *testing.T, p *pair) // while one runs, and one is queued
		crash           bool                        // what runs
		running, queued actor.Outcome
		is              error // of the one that is queued
	}{
		"killed": {nil, func(_ *testing.T, p *pair) { p.svc.Kill() }, false, actor.Unknown, actor.NotRun, actor.ErrStopped},
		"cut off": {nil, func(t *testing.T, p *pair) { _ = p.svc.Stop(within(t, time.Millisecond)) },
			false, actor.Unknown, actor.NotRun, actor.ErrStopped},
		"crashed, queue kept": {nil, nil, true, actor.Crashed, actor.Ran, nil},
		"crashed, queue failed": {[]actor.Option{actor.WithQueuePolicy(actor.FailQueue)}, nil,
			true, actor.Crashed, actor.NotRun, actor.ErrRestarted},
	} {
		t.Run(name, func(t *testing.T) {
			hold := make(chan struct{})
			p := newPair(t, setup{opts: c.opts, account: func() *bank.Account {
				return &bank.Account{Seen: func(context.Context, bank.Entry) error {
					<-hold
					if c.crash {
						panic("crash")
					}
					return nil
				}}
			}})
			running, queued := make(chan error, 1), make(chan error, 1)
			go func() { _, err := p.client.Deposit(within(t, patience), "running", 1); running <- err }()
			eventually(t, "one runs", func() bool { return p.svc.Info().Running == 1 })
			go func() { _, _, err := p.client.Count(within(t, patience)); queued <- err }()
			eventually(t, "one is queued", func() bool { return p.svc.Info().Queued == 1 })
			if c.end != nil {
				c.end(t, p)
				defer close(hold)
			} else {
				close(hold)
			}
			demand(t, receive(t, running), c.running)
			err := receive(t, queued)
			demand(t, err, c.queued)
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
		})
	}
}

// The same message twice: while the first is under way, the second is not run, and not
// answered, since the first will be.
func TestR1Twice(t *testing.T) {
	gate, began := make(chan struct{}), make(chan string, 2)
	p := newPair(t, setup{account: func() *bank.Account { return &bank.Account{Gate: gate, Began: began} }})
	nc := raw(t, p.srv)
	answers := make(chan *nats.Msg, 2)
	if _, err := nc.ChanSubscribe("answers", answers); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		publish(t, nc, &nats.Msg{
			Subject: "nano.1.c.bank.ada.Wait", Reply: "answers", Data: []byte{0x81, 0x61, 'x'},
			Header: nats.Header{"Nano-Sig": {sig("Wait(name string) (string, error)")}},
		})
	}
	receive(t, began)
	eventually(t, "the second has come", func() bool { return p.binding.Info().Twice == 1 })
	close(gate)
	if m := receive(t, answers); m.Header.Get("Nano-Error") != "" {
		t.Error(m.Header)
	}
	eventually(t, "nothing is under way", func() bool { return p.binding.Info().InFlight == 0 })
	if i := p.svc.Info(); i.Accepted != 1 || len(answers) != 0 {
		t.Errorf("%+v, and %d answers more", i, len(answers))
	}
}

// A cancellation that overtakes its call has it not run.
func TestR4CancelledBefore(t *testing.T) {
	p := newPair(t, setup{})
	nc := raw(t, p.srv)
	inbox := nc.NewInbox()
	answers := make(chan *nats.Msg, 1)
	if _, err := nc.ChanSubscribe(inbox, answers); err != nil {
		t.Fatal(err)
	}
	publish(t, nc, &nats.Msg{Subject: "nano.1.x.bank.ada", Data: []byte(inbox)})
	eventually(t, "it has come", func() bool { return p.binding.Departed() == 1 })
	publish(t, nc, &nats.Msg{
		Subject: "nano.1.c.bank.ada.Deposit", Reply: inbox, Data: []byte{0x82, 0x61, 'x', 0x07},
		Header: nats.Header{"Nano-Sig": {sig(depositSig)}},
	})
	if m := receive(t, answers); !strings.Contains(m.Header.Get("Nano-Error"), "context.Canceled") {
		t.Error(m.Header)
	}
	// What is no inbox is not kept, and not more of them than a bound.
	publish(t, nc, &nats.Msg{Subject: "nano.1.x.bank.ada", Data: make([]byte, 5000)})
	for i := range 3000 {
		if err := nc.Publish("nano.1.x.bank.ada", fmt.Append(nil, "inbox ", i)); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, nc, &nats.Msg{Subject: "nano.1.x.bank.ada", Data: []byte("last")})
	eventually(t, "all have come", func() bool { return p.binding.HasDeparted("last") })
	if n := p.binding.Departed(); n != 1024 {
		t.Errorf("%d are kept", n)
	}
}

// goexits ends the goroutine that reads it, and stops every other use.
type goexits struct{ mood string }

func (g goexits) MarshalText() ([]byte, error) {
	if g.mood == "write panics" {
		panic("no")
	}
	return []byte(g.mood), nil
}

func (g *goexits) UnmarshalText(text []byte) error {
	switch g.mood = string(text); g.mood {
	case "panics":
		panic("reading")
	case "ends":
		runtime.Goexit()
	case "fails":
		return errors.New("not to be read")
	}
	return nil
}

type oddArgs struct {
	_ struct{} `cbor:",toarray"`
	A goexits
}

type odd struct{}

// A type's own methods that panic, fail or end the goroutine are NotRun with their text;
// after the last, the binding is served anew.
func TestR2OwnMethods(t *testing.T) {
	srv := server(t)
	n := node(t, srv, remote.Config{})
	svc := actor.New(func(context.Context) (*odd, error) { return &odd{}, nil }, actor.WithName("svc"), actor.WithLogger(silent))
	table := &remote.Interface[odd]{Type: "odd", Methods: []remote.Method[odd]{
		remote.Call("Take(g goexits) (goexits)", func(ctx context.Context, svc actor.Ref[odd], in oddArgs) *actor.Future[oddArgs] {
			return actor.AsyncContext(ctx, svc, func(context.Context, *odd) (oddArgs, error) {
				if in.A.mood == "results panic" {
					in.A.mood = "write panics"
				}
				return in, nil
			})
		}),
	}}
	b := remote.Bind(n, "odd", svc, table)
	tree(t, supervisor.Child{Service: svc}, supervisor.Child{Service: b})
	c := remote.NewClient(n, "odd", table.Signatures())
	take := func(mood string, limit time.Duration) error {
		_, err := remote.Invoke[oddArgs, oddArgs](within(t, limit), c, "Take", oddArgs{A: goexits{mood}})
		return err
	}
	for _, x := range []struct {
		mood, text string
		what       actor.Outcome
	}{
		{"calm", "", actor.Ran},
		{"write panics", "own marshaler panicked: no", actor.NotRun},
		{"panics", "own unmarshaler panicked: reading", actor.NotRun},
		{"fails", "not to be read", actor.NotRun},
		{"results panic", "results cannot be sent", actor.Ran},
		{"ends", "has ended the goroutine", actor.NotRun},
	} {
		err := take(x.mood, patience)
		demand(t, err, x.what)
		if err != nil && !strings.Contains(err.Error(), x.text) || (err == nil) != (x.text == "") {
			t.Errorf("%s: %v", x.mood, err)
		}
	}
	// What has come to the goroutine that is gone has no answer.
	eventually(t, "it is served anew", func() bool { return take("calm", 200*time.Millisecond) == nil })
}
