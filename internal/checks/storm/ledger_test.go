package storm

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
)

// ledger is the account of what one way to hand something over has come to: what was accepted
// begins once or is a dead letter.
type ledger struct {
	what   string
	letter string // what a dead letter of it has in its name
	shown  bool   // whatever is refused is shown to the hook

	accepted, begun, letters atomic.Int64
	refused, returned        atomic.Int64 // as the sender was told, and as the hook was
	unknown                  atomic.Int64 // the sender did not learn it: a hook, or a context, has ended it
}

// send hands over at most so many: f says what the sender was told of them. If f does not
// return, that is not known.
func (l *ledger) send(most int64, f func() (accepted, refused int64)) {
	l.unknown.Add(most)
	accepted, refused := f()
	l.unknown.Add(-most)
	l.accepted.Add(accepted)
	l.refused.Add(refused)
}

// one is send of one, for which err is what the sender was told.
func (l *ledger) one(f func() error) (err error) {
	l.send(1, func() (accepted, refused int64) {
		if err = f(); err != nil {
			return 0, 1
		}
		return 1, 0
	})
	return err
}

// settle compares.
func (l *ledger) settle(w *world) {
	accepted, begun, letters, unknown := l.accepted.Load(), l.begun.Load(), l.letters.Load(), l.unknown.Load()
	if more := begun + letters - accepted; more < -w.barred.Load() || more > unknown {
		w.t.Errorf("%s: accepted: %d; begun: %d and dead letters: %d; %d senders were not told, %d interceptors panicked",
			l.what, accepted, begun, letters, unknown, w.barred.Load())
	}
	refused, returned := l.refused.Load(), l.returned.Load()
	if more := returned - refused; l.shown && (more < 0 || more > unknown) {
		w.t.Errorf("%s: refused: %d; shown to the hook: %d; %d senders were not told",
			l.what, refused, returned, unknown)
	}
	w.t.Logf("%8d accepted, %d begun, %d dead letters, %d refused: %s", accepted, begun, letters, refused, l.what)
}

// steady is how many have subscribed to the topic of which nothing is cancelled.
const steady = 4

// accounts are the numbers that must add up in the end.
type accounts struct {
	serials atomic.Uint64

	// The ways in which something is handed over, each by the methods, or the method, of that
	// name: their closures are named after them.
	do, doContext, mail, pipe, steady, broadcast ledger

	barred    atomic.Int64 // closures, at most, that had their turn, and of which an interceptor has kept them
	published atomic.Int64 // on the topic of the steady

	mu        sync.Mutex
	operation map[string]int
	notRun    []*ticket // what the caller was told that it never runs
}

func (a *accounts) open() {
	for l, name := range map[*ledger]string{
		&a.do: "do", &a.doContext: "doContext", &a.pipe: "pipe", &a.broadcast: "broadcast",
	} {
		l.what, l.letter = name, "(*worker)."+name+"."
	}
	a.do.shown = true
	a.mail.what, a.mail.letter, a.mail.shown = "values sent", "(*world).mailbox.", true
	a.steady.what, a.steady.letter = "events of the topic", "(*world).subscribed."
}

func (a *accounts) ledgers() []*ledger {
	return []*ledger{&a.do, &a.doContext, &a.mail, &a.pipe, &a.steady, &a.broadcast}
}

// dead is what the hook of all services is told.
func (a *accounts) dead(d actor.DeadLetter) {
	for _, l := range a.ledgers() {
		switch {
		case !strings.Contains(d.Func, l.letter):
		case d.Refused:
			l.returned.Add(1)
		default:
			l.letters.Add(1)
		}
	}
}

func (a *accounts) count(operation string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.operation == nil {
		a.operation = map[string]int{}
	}
	a.operation[operation]++
}

func (a *accounts) never(k *ticket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.notRun) < 1<<18 {
		a.notRun = append(a.notRun, k)
	}
}

// settle compares the accounts, after the end of all services.
func (w *world) settle() {
	for _, u := range w.workers {
		for _, look := range u.settles {
			look()
		}
	}
	for _, k := range w.notRun {
		if k.begun.Load() != 0 {
			w.t.Errorf("%s has run, and its caller was told that it never would", k.what)
		}
	}
	for _, l := range w.ledgers() {
		l.settle(w)
	}
	// A topic counts also if a hook ends who publishes: for refused then, which it may not be.
	arrived, returned := w.steady.begun.Load()+w.steady.letters.Load(), w.steady.returned.Load()
	if i := w.news.Info(); int64(i.Published) != w.published.Load() ||
		int64(i.Delivered+i.Refused) != arrived+returned || arrived-int64(i.Delivered) > w.steady.unknown.Load() {
		w.t.Errorf("the topic counts %+v; published: %d; begun, or dead letters: %d; refused: %d; %d who published were ended",
			i, w.published.Load(), arrived, returned, w.steady.unknown.Load())
	}
	for _, to := range w.all {
		if to.service == nil {
			continue
		}
		i := to.service.Info()
		if i.Accepted != i.Executed+i.Dead+i.Skipped || i.Queued != 0 || i.Running != 0 {
			w.t.Errorf("%s: accepted %d, executed %d, dead %d, skipped %d, queued %d, running %d", to.name,
				i.Accepted, i.Executed, i.Dead, i.Skipped, i.Queued, i.Running)
		}
	}
	w.settleWeb()
	steps := 0
	for _, n := range w.operation {
		steps += n
	}
	for _, op := range operations {
		n := w.operation[op.name]
		if n == 0 && steps > 50*len(operations) {
			w.t.Errorf("of %d operations, none was %s", steps, op.name)
		}
		w.t.Logf("%8d %s", n, op.name)
	}
	w.t.Logf("told that it never runs: %d", len(w.notRun))
}
