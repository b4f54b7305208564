package remote_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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

// ran keeps the ids of the deposits that have run.
type ran struct {
	mu  sync.Mutex
	ids []string
}

func (r *ran) seen(_ context.Context, e bank.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, e.ID)
	return nil
}

func (r *ran) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

// far is a node that reaches NATS by a proxy, and notices soon that it does not.
func far(t *testing.T, p *proxy, cfg remote.Config) *remote.Node {
	t.Helper()
	cfg.Logger = silent
	n := remote.New(remote.Dial(p.url(), nats.PingInterval(100*time.Millisecond), nats.ReconnectWait(10*time.Millisecond),
		nats.ReconnectJitter(0, 0), nats.Timeout(500*time.Millisecond)), cfg)
	tree(t, supervisor.Child{Service: n})
	return n
}

// Partitions, of the caller or of the server: outcomes are true, casts are accounted for,
// and it goes on when the partition is over.
func TestR2Partition(t *testing.T) {
	srv := server(t)
	for name, begin := range map[string]func(t *testing.T, p *proxy, troubled func() bool){
		"both ways":       holds(true, true),
		"to the server":   holds(true, false),
		"from the server": holds(false, true),
		"flapping": func(t *testing.T, p *proxy, troubled func() bool) { // for longer than a call may take
			i := 0
			eventually(t, "trouble", func() bool { i++; p.hold(i%400 < 200, i%300 < 150); return troubled() })
		},
		"broken": func(t *testing.T, p *proxy, troubled func() bool) {
			eventually(t, "trouble", func() bool { p.cut(); return troubled() })
		},
	} {
		for _, side := range []string{"caller", "server"} {
			t.Run(side+", "+name, func(t *testing.T) {
				address := strings.TrimPrefix(srv.URL(), "nats://")
				mine, theirs := newProxy(t, address), newProxy(t, address)
				var r ran
				svc := actor.New(func(context.Context) (*bank.Account, error) { return &bank.Account{Seen: r.seen}, nil })
				n := far(t, theirs, remote.Config{})
				tree(t, supervisor.Child{Service: svc}, supervisor.Child{Service: bank.BindAccount(n, "bank.ada", svc)})
				var lost letters
				caller := far(t, mine, remote.Config{AckTimeout: 300 * time.Millisecond, OnDeadLetter: lost.hook})
				l := newLoad(caller, "test", nil)
				l.limit = 100 * time.Millisecond
				casts := newCasts(caller)
				l.start(4)
				casts.start()
				l.goesOn(t, 20)
				cut := map[string]*proxy{"caller": mine, "server": theirs}[side]
				before := l.of(actor.Unknown) + l.of(actor.NotRun)
				begin(t, cut, func() bool { return l.of(actor.Unknown)+l.of(actor.NotRun) >= before+20 })
				cut.hold(false, false)
				l.goesOn(t, 20)
				l.stop()
				casts.stop(t, svc, &lost)
				oracle(t, l.outcomes, r.list())
			})
		}
	}
}

// holds has a proxy hold back what goes in the directions given.
func holds(toServer, fromServer bool) func(t *testing.T, p *proxy, troubled func() bool) {
	return func(t *testing.T, p *proxy, troubled func() bool) {
		p.hold(toServer, fromServer)
		eventually(t, "trouble", troubled)
	}
}

// casts sends notes again and again, each with another text.
type casts struct {
	n      *remote.Node
	client bank.AccountClient
	ending chan struct{}
	done   chan int // how many were sent
}

func newCasts(n *remote.Node) *casts {
	return &casts{n, bank.NewAccountClient(n, "bank.ada"), make(chan struct{}), make(chan int, 1)}
}

func (c *casts) start() {
	go func() {
		pace := time.NewTicker(time.Millisecond)
		defer pace.Stop()
		for i := 0; ; i++ {
			select {
			case <-c.ending:
				c.done <- i
				return
			case <-pace.C:
				_ = c.client.Note(fmt.Sprint(i)) // what is not accepted the hook sees
			}
		}
	}()
}

// stop checks the account: all numbers add up, the hook has seen each that was not
// accepted, and none has run twice.
func (c *casts) stop(t *testing.T, svc *actor.Service[bank.Account], lost *letters) {
	t.Helper()
	close(c.ending)
	sent := receive(t, c.done)
	_ = c.client.Client().Sync(within(t, patience))
	now := c.n.Info().Casts
	if now.Sent != now.Accepted+now.Refused+now.Unknown || now.InFlight != 0 || now.Sent+now.Unsent != uint64(sent) {
		t.Errorf("%d notes: %+v", sent, now)
	}
	eventually(t, "the hook has seen them", func() bool {
		return uint64(len(lost.list())) == now.Refused+now.Unknown+now.Unsent
	})
	notes, err := actor.Get(within(t, patience), svc, func(a *bank.Account) []string { return slices.Clone(a.Notes) })
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(notes)
	if uint64(len(notes)) < now.Accepted || len(slices.Compact(notes)) != len(notes) {
		t.Errorf("%d notes have run, of %+v", len(notes), now)
	}
}

// A NATS that ends and begins again: calls that are in flight are unknown at their
// deadline, others NotRun at once, and it goes on when it is back.
func TestR2NATSRestarts(t *testing.T) {
	address := freePort(t)
	srv := embedded.New(embedded.Config{Listen: address, Logger: silent})
	root := supervisor.New("nats", supervisor.Spec{Children: []supervisor.Child{{Service: srv}}, Logger: silent})
	if err := root.Start(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Stop(context.Background()) })
	var r ran
	hold := make(chan struct{})
	svc := actor.New(func(context.Context) (*bank.Account, error) {
		return &bank.Account{Seen: func(ctx context.Context, e bank.Entry) error {
			if e.ID == "hold" {
				<-hold
			}
			return r.seen(ctx, e)
		}}, nil
	})
	caller, n := dialer(t, srv.URL(), remote.Config{}), dialer(t, srv.URL(), remote.Config{})
	tree(t, supervisor.Child{Service: svc}, supervisor.Child{Service: bank.BindAccount(n, "bank.ada", svc)})
	client := bank.NewAccountClient(caller, "bank.ada")
	for range 3 {
		flying := make(chan error, 1)
		go func() { _, err := client.Deposit(within(t, 500*time.Millisecond), "hold", 1); flying <- err }()
		eventually(t, "one is in flight", func() bool { return svc.Info().Running == 1 })
		if err := root.Terminate(within(t, patience), "nats"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the end is noticed", func() bool { return !caller.Info().Connected })
		_, err := client.Deposit(within(t, patience), "not", 1)
		demand(t, err, actor.NotRun, remote.ErrDisconnected)
		demand(t, client.Note("not"), actor.NotRun, remote.ErrDisconnected)
		demand(t, receive(t, flying), actor.Unknown, remote.ErrNoAnswer)
		hold <- struct{}{}
		if err := root.Restart(within(t, patience), "nats"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it goes on", func() bool { _, err := client.Deposit(within(t, patience), "on", 1); return err == nil })
	}
	if list := r.list(); slices.Contains(list, "not") || len(list) != 6 {
		t.Error(list)
	}
}

// Ten times as many callers as there is room for: those that are refused are told at once,
// with the reason, and nothing of theirs runs.
func TestR2Overload(t *testing.T) {
	var r ran
	pace := time.NewTicker(100 * time.Microsecond)
	defer pace.Stop()
	p := newPair(t, setup{
		opts: []actor.Option{actor.WithCapacity(10)},
		account: func() *bank.Account {
			return &bank.Account{Seen: func(ctx context.Context, e bank.Entry) error { <-pace.C; return r.seen(ctx, e) }}
		},
	})
	var group sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[string]actor.Outcome{}
	var slow atomic.Int64
	for c := range 100 {
		group.Go(func() {
			for i := range 20 {
				id := fmt.Sprint(c, " ", i)
				_, err := p.client.Deposit(within(t, patience), id, 1)
				what := actor.OutcomeOf(err)
				if err != nil && (what != actor.NotRun || !errors.Is(err, actor.ErrMailboxFull)) {
					t.Error(err)
				}
				if errors.Is(err, context.DeadlineExceeded) {
					slow.Add(1)
				}
				mu.Lock()
				outcomes[id] = what
				mu.Unlock()
			}
		})
	}
	group.Wait()
	oracle(t, outcomes, r.list())
	refused := p.caller.Info().Calls.NotRun
	if high := p.svc.Info().High; high > 10 || refused == 0 || slow.Load() > 0 {
		t.Errorf("%d waited, %d were refused, %d came too late", high, refused, slow.Load())
	}
}

// The same request published twice, after the first was answered, runs twice (NATS does not
// do so), and the second answer reaches no caller; answers that are replayed neither.
func TestR1Replayed(t *testing.T) {
	p := newPair(t, setup{})
	nc := raw(t, p.srv)
	requests := make(chan *nats.Msg, 10)
	answers := make(chan *nats.Msg, 10)
	for subject, c := range map[string]chan *nats.Msg{"nano.1.c.bank.ada.Deposit": requests, "_INBOX." + p.caller.Info().Node + ".*": answers} {
		if _, err := nc.ChanSubscribe(subject, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if sum, err := p.client.Deposit(within(t, patience), "x", 1); sum != 1 || err != nil {
		t.Fatal(sum, err)
	}
	request, answer := receive(t, requests), receive(t, answers)
	eventually(t, "the call is over", func() bool { return p.binding.Info().InFlight == 0 })
	publish(t, nc, &nats.Msg{Subject: answer.Subject, Header: answer.Header, Data: answer.Data})
	publish(t, nc, &nats.Msg{Subject: request.Subject, Reply: request.Reply, Header: request.Header, Data: request.Data})
	receive(t, answers)
	receive(t, answers)
	for want := range int64(5) {
		if sum, err := p.client.Deposit(within(t, patience), "y", 1); sum != want+3 || err != nil {
			t.Errorf("%d, %v; want %d", sum, err, want+3)
		}
	}
}
