package remote_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// letters collects what a dead-letter hook gets.
type letters struct {
	mu  sync.Mutex
	all []remote.Letter
}

func (l *letters) hook(letter remote.Letter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, letter)
}

func (l *letters) list() []remote.Letter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]remote.Letter(nil), l.all...)
}

// What becomes of a cast for each answer that may come.
func TestR6Answers(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	answers := make(chan *nats.Msg, 1)
	fake(t, nc, "fake", func(m *nats.Msg) {
		if a := <-answers; a != nil {
			reply(nc, m, a)
		}
	})
	told := func(json string) *nats.Msg { return &nats.Msg{Header: nats.Header{"Nano-Error": {json}}} }
	for name, c := range map[string]struct {
		answer *nats.Msg
		want   remote.Casts
		is     error
	}{
		"accepted":       {&nats.Msg{}, remote.Casts{Accepted: 1}, nil},
		"refused":        {told(`{"o":"n","m":"x","is":["actor.ErrMailboxFull"]}`), remote.Casts{Refused: 1}, actor.ErrMailboxFull},
		"nobody":         {&nats.Msg{Header: nats.Header{"Status": {"503"}}}, remote.Casts{Refused: 1}, remote.ErrNoService},
		"no answer":      {nil, remote.Casts{Unknown: 1}, remote.ErrNoAnswer},
		"not to be read": {told(`{`), remote.Casts{Unknown: 1}, remote.ErrNoAnswer},
		"ran":            {told(`{"m":"x"}`), remote.Casts{Unknown: 1}, remote.ErrNoAnswer},
		"a stream's":     {&nats.Msg{Data: []byte(`{"stream":"AUDIT","seq":1}`)}, remote.Casts{Unknown: 1}, remote.ErrNoAnswer},
		"another status": {&nats.Msg{Header: nats.Header{"Status": {"408"}}}, remote.Casts{Unknown: 1}, remote.ErrNoAnswer},
		"crashed":        {told(`{"o":"c","m":"x"}`), remote.Casts{Unknown: 1}, remote.ErrNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			var seen letters
			cfg := remote.Config{AckTimeout: patience, OnDeadLetter: seen.hook}
			if c.answer == nil {
				cfg.AckTimeout = 100 * time.Millisecond // an answer may take longer than that
			}
			n := node(t, srv, cfg)
			client := bank.NewAccountClient(n, "fake")
			answers <- c.answer
			if err := client.Note("x"); err != nil {
				t.Fatal(err)
			}
			err := client.Client().Sync(within(t, patience))
			c.want.Sent = 1
			if got := n.Info().Casts; got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if (err == nil) != (c.is == nil) || err != nil && !errors.Is(err, c.is) {
				t.Errorf("Sync = %v, want %v", err, c.is)
			}
			if c.is != nil {
				eventually(t, "the hook has seen it", func() bool { return len(seen.list()) == 1 })
				l := seen.list()[0]
				want := actor.Unknown
				if c.want.Refused == 1 {
					want = actor.NotRun
				}
				if l.Name != "fake" || l.Method != "Note" || l.Outcome != want || !errors.Is(l.Err, c.is) {
					t.Errorf("%+v", l)
				}
				demand(t, err, want)
			}
			eventually(t, "nothing is in flight", func() bool { return n.Info().InFlight == 0 })
			if err := client.Client().Sync(within(t, patience)); err != nil {
				t.Errorf("a second Sync = %v", err)
			}
		})
	}
}

// Sync waits for the casts before it, not for later ones, ends with its context, and
// several may wait.
func TestR6Sync(t *testing.T) {
	srv := server(t)
	nc := raw(t, srv)
	asked := make(chan *nats.Msg, 10)
	fake(t, nc, "fake", func(m *nats.Msg) { asked <- m })
	n := node(t, srv, remote.Config{AckTimeout: time.Minute})
	client := bank.NewAccountClient(n, "fake")
	other := bank.NewAccountClient(n, "fake")
	note := func(c bank.AccountClient) *nats.Msg {
		if err := c.Note("x"); err != nil {
			t.Fatal(err)
		}
		return receive(t, asked)
	}
	accept := func(m *nats.Msg) { publish(t, nc, &nats.Msg{Subject: m.Reply}) }
	first := note(client)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := client.Client().Sync(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Sync = %v", err)
	}
	if err := other.Client().Sync(within(t, patience)); err != nil {
		t.Errorf("Sync of another client = %v", err)
	}
	results := make(chan error, 2)
	go func() { results <- client.Client().Sync(within(t, patience)) }()
	go func() { results <- client.Client().Sync(within(t, patience)) }()
	later := note(client)
	accept(first)
	// One of them may have begun after the later cast, and waits for that, too.
	accept(later)
	if err := errors.Join(receive(t, results), receive(t, results)); err != nil {
		t.Error(err)
	}
	last := note(client)
	done := make(chan error, 1)
	go func() { done <- client.Client().Sync(within(t, patience)) }()
	eventually(t, "it waits", func() bool { return client.Client().Waits() })
	behind := note(client)
	accept(last)
	if err := receive(t, done); err != nil {
		t.Error(err)
	}
	accept(behind)
}

// A client keeps some errors of casts for Sync, and the number of the rest.
func TestR6ManyLost(t *testing.T) {
	n := remote.New(remote.Dial("nats://127.0.0.1:1"), remote.Config{Logger: silent})
	client := bank.NewAccountClient(n, "fake")
	for range 100 {
		demand(t, client.Note("x"), actor.NotRun, remote.ErrDisconnected)
	}
	err := client.Client().Sync(within(t, patience))
	if !errors.Is(err, remote.ErrDisconnected) || !strings.HasSuffix(err.Error(), "and 68 casts more were not accepted") {
		t.Error(err)
	}
	if c := n.Info().Casts; c != (remote.Casts{Unsent: 100}) {
		t.Errorf("%+v", c)
	}
}

// A hook that waits holds up the casts that it has not seen, and nothing else; one that
// panics, or ends its goroutine, has seen its letter, and gets the next.
func TestR6Hook(t *testing.T) {
	hold, began := make(chan struct{}), make(chan struct{}, 3)
	var seen letters
	p := newPair(t, setup{caller: remote.Config{InFlight: 2, OnDeadLetter: func(l remote.Letter) {
		began <- struct{}{}
		<-hold
		seen.hook(l)
		switch len(seen.list()) {
		case 1:
			panic("hook")
		case 2:
			runtime.Goexit()
		}
	}}})
	lost := bank.NewAccountClient(p.caller, "nobody")
	for range 2 {
		if err := lost.Note("x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := lost.Client().Sync(within(t, patience)); !errors.Is(err, remote.ErrNoService) { // which does not wait for the hook
		t.Error(err)
	}
	receive(t, began)
	demand(t, lost.Note("x"), actor.NotRun, actor.ErrMailboxFull)
	close(hold)
	eventually(t, "all were seen", func() bool { return len(seen.list()) == 3 })
	eventually(t, "nothing is in flight", func() bool { return p.caller.Info().InFlight == 0 })
	if _, err := p.client.Deposit(within(t, patience), "x", 1); err != nil {
		t.Error(err)
	}
	if c := p.caller.Info().Casts; c != (remote.Casts{Sent: 2, Refused: 2, Unsent: 1}) {
		t.Errorf("%+v", c)
	}
}

// The numbers add up while casts are sent, accepted, refused and dropped: the binding is a
// slow consumer, of which NATS drops most.
func TestR6SlowConsumer(t *testing.T) {
	hold := make(chan struct{})
	var once sync.Once
	p := newPair(t, setup{
		caller: remote.Config{AckTimeout: 500 * time.Millisecond, InFlight: 100_000},
		bind: []remote.BindOption{remote.Authorize(func(context.Context, string, remote.Header) error {
			once.Do(func() { <-hold })
			return nil
		})},
	})
	p.binding.SetPending(50)
	const casts = 20_000
	for i := range casts {
		if err := p.client.Note(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		if c := p.caller.Info().Casts; c.Sent != c.Accepted+c.Refused+c.Unknown+c.InFlight {
			t.Fatalf("%+v", c)
		}
	}
	eventually(t, "some are dropped", func() bool { return p.server.Info().Dropped > 0 })
	close(hold)
	err := p.client.Client().Sync(within(t, patience))
	c := p.caller.Info().Casts
	if c.Sent != casts || c.Sent != c.Accepted+c.Refused+c.Unknown || c.InFlight != 0 || c.Unknown == 0 {
		t.Errorf("%+v", c)
	}
	demand(t, err, actor.Unknown, remote.ErrNoAnswer)
	notes, _, err := p.client.Count(within(t, patience))
	if err != nil || uint64(notes) != c.Accepted+late(p) {
		t.Errorf("%d have run, and %d were accepted (%v)", notes, c.Accepted, err)
	}
}

// late returns how many casts were accepted after they counted as unknown.
func late(p *pair) uint64 { return p.binding.Info().Accepted - p.caller.Info().Casts.Accepted }

// What one goroutine sends through one client is handed over in that order, casts and calls.
func TestR5Order(t *testing.T) {
	p := newPair(t, setup{caller: remote.Config{InFlight: 100_000}})
	const each = 3000
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range each {
				if err := p.client.Note(fmt.Sprint(g, " ", i)); err != nil {
					t.Error(err)
					return
				}
				if i%1000 == 999 {
					notes, _, err := p.client.Count(within(t, patience))
					if err != nil || notes < i+1 {
						t.Errorf("%d of %d casts before the call: %v", notes, i+1, err)
					}
				}
			}
		})
	}
	group.Wait()
	if err := p.client.Client().Sync(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	notes, err := actor.Get(within(t, patience), p.svc, func(a *bank.Account) []string { return a.Notes })
	if err != nil || len(notes) != 4*each {
		t.Fatal(len(notes), err)
	}
	next := map[string]int{}
	for _, note := range notes {
		g, i, _ := strings.Cut(note, " ")
		if i != fmt.Sprint(next[g]) {
			t.Fatalf("%s of goroutine %s, want %d", i, g, next[g])
		}
		next[g]++
	}
}
