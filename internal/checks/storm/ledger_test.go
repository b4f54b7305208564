package storm

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
)

// ledger is the account of what one way to hand something over has come to: what was accepted
// begins once, is a dead letter, or is kept by an interceptor that does not return.
type ledger struct {
	what   string
	letter string // what a dead letter of it has in its name
	shown  bool   // whatever is refused is shown to the hook

	accepted, begun, letters atomic.Int64
	refused, returned        atomic.Int64 // as the sender was told, and as the hook was
	barred                   atomic.Int64 // had their turn, and an interceptor panicked, or called Goexit, before they began

	mu     sync.Mutex
	untold []*entry // a hook, or a context, has ended the sender
}

// entry is what one sender has handed over at once, to one or to several.
type entry struct {
	of    *ledger
	most  int64
	begun atomic.Int64
}

// begins is called by the closure.
func (e *entry) begins() {
	e.of.begun.Add(1)
	e.begun.Add(1)
}

// send hands over at most so many: f says what the sender was told of them. If f does not
// return, that is not known.
func (l *ledger) send(most int64, f func(e *entry) (accepted, refused int64)) {
	e, told := &entry{of: l, most: most}, false
	defer func() {
		if !told {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.untold = append(l.untold, e)
		}
	}()
	accepted, refused := f(e)
	told = true
	l.accepted.Add(accepted)
	l.refused.Add(refused)
}

// one is send of one, for which err is what the sender was told.
func (l *ledger) one(f func(e *entry) error) (err error) {
	l.send(1, func(e *entry) (accepted, refused int64) {
		if err = f(e); err != nil {
			return 0, 1
		}
		return 1, 0
	})
	return err
}

// bar does what an interceptor does before a closure of the ledger begins. l may be nil.
func (l *ledger) bar(act func()) {
	if l != nil {
		l.barred.Add(1)
		returned := false
		defer func() {
			if returned {
				l.barred.Add(-1)
			}
		}()
		act()
		returned = true
		return
	}
	act()
}

// ended returns how much was handed over by senders that were not told what became of it: how
// much of that has begun, and how much has not, which may have been accepted.
func (l *ledger) ended() (begun, rest int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.untold {
		n := e.begun.Load()
		begun, rest = begun+n, rest+e.most-n
	}
	return begun, rest
}

// settle compares. It is exact but for what senders have handed over that were not told: of that,
// what has begun is known, and what the hook was shown.
func (l *ledger) settle(w *world) {
	accepted, begun, letters, barred := l.accepted.Load(), l.begun.Load(), l.letters.Load(), l.barred.Load()
	refused, returned := l.refused.Load(), l.returned.Load()
	untold, rest := l.ended()
	if more := returned - refused; l.shown {
		if more < 0 || more > rest {
			w.t.Errorf("%s: refused: %d; shown to the hook: %d; %d senders were not told", l.what, refused, returned, rest)
		}
		rest -= max(more, 0)
	}
	if more := begun + letters + barred - accepted - untold; more < 0 || more > rest {
		w.t.Errorf("%s: accepted: %d, and %d of senders that were not told, as %d more may be; begun: %d, dead letters: %d, kept by interceptors: %d",
			l.what, accepted, untold, rest, begun, letters, barred)
	}
	w.t.Logf("%8d accepted, %d begun, %d dead letters, %d barred, %d refused; not told: %d begun, %d not: %s",
		accepted, begun, letters, barred, refused, untold, rest, l.what)
}

const (
	// How many have subscribed to the topic of which nothing is cancelled.
	steady = 4
	// One of these, which has room for all events and is never taken down.
	takesAll = "storm/" + plain
)

// accounts are the numbers that must add up in the end.
type accounts struct {
	serials atomic.Uint64

	// The ways in which something is handed over, each by the methods, or the method, of that
	// name: their closures are named after them.
	do, doContext, mail, pipe, steady, broadcast ledger

	published atomic.Int64 // on the topic of the steady
	plain     atomic.Int64 // of these, as they came to the one that takes all: begun, or dead letters

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
			if l == &a.steady && d.Service == takesAll {
				a.plain.Add(1)
			}
		}
	}
}

// ledgerOf returns the one of a closure of that name, or nil.
func (a *accounts) ledgerOf(closure string) *ledger {
	for _, l := range a.ledgers() {
		if strings.Contains(closure, l.letter) {
			return l
		}
	}
	return nil
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
	w.settleTopic()
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
	for _, op := range slices.Concat(operations, stubborn, strange) {
		n := w.operation[op.name]
		if n == 0 && steps > 50*len(operations) {
			w.t.Errorf("of %d operations, none was %s", steps, op.name)
		}
		w.t.Logf("%8d %s", n, op.name)
	}
	w.t.Logf("told that it never runs: %d", len(w.notRun))
}

// settleTopic compares what the topic counts. It counts also if a hook ends who publishes: for
// refused then, which it may not be.
func (w *world) settleTopic() {
	i, arrived, returned := w.news.Info(), w.steady.begun.Load()+w.steady.letters.Load(), w.steady.returned.Load()
	begun, rest := w.steady.ended()
	if int64(i.Published) != w.published.Load() ||
		int64(i.Delivered+i.Refused) != arrived+returned || arrived-int64(i.Delivered) > begun+rest {
		w.t.Errorf("the topic counts %+v; published: %d; begun, or dead letters: %d; refused: %d; %d to whom something was published by who was ended",
			i, w.published.Load(), arrived, returned, begun+rest)
	}
	if w.plain.Load() != w.published.Load() {
		w.t.Errorf("%d events were published, and %d came to %s", w.published.Load(), w.plain.Load(), takesAll)
	}
}
