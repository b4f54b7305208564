// Package courtesy has what is the program's (hooks, loggers, who watches) told of something
// while a lock is free that the caller holds.
//
// It is waited for, and the order is kept, until the one that tells is in a hurry. From then
// on all of it together is waited for no longer than the courtesy, and what has not returned
// goes on beside the teller, which is rude from then on. Code that has outlived a courtesy has
// none until it returns: who waits for one that tells it, too, waits no longer. A wait that takes
// long is reported.
package courtesy

import (
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// courtesy is how long one that is in a hurry waits for what is told.
const courtesy = 100 * time.Millisecond

// A Teller tells. It belongs to a lock, which is held when its methods are called. The zero
// value is in no hurry.
type Teller struct {
	hurried bool
	rude    *watch        // of what goes on; nil: nothing does
	begun   chan struct{} // closed when it is hurried; made by who waits
	bound   *Limit        // hurries it; may be nil
}

// Begin makes the Teller one that is in no hurry.
func (t *Teller) Begin() { *t = Teller{} }

// Limit is when a Teller is in a hurry.
type Limit struct {
	Over  <-chan struct{} // when it is closed; nil: never
	Until time.Time       // when that will be; zero: it is not known
}

// Bound has the Teller in a hurry at that limit. It may be nil.
func (t *Teller) Bound(by *Limit) { t.bound = by }

// Hurry has the Teller in a hurry from now on.
func (t *Teller) Hurry() {
	if !t.hurried {
		t.hurried = true
		if t.begun != nil {
			close(t.begun)
		}
	}
}

// Rude reports whether something of what was told goes on.
func (t *Teller) Rude() bool { return t.rude != nil }

// Still returns what of the program's goes on, if that is known.
func (t *Teller) Still() (running where.Place) {
	if t.rude == nil {
		return running
	}
	return t.rude.telling.running()
}

// hurry returns what is closed when the Teller is in a hurry.
func (t *Teller) hurry() <-chan struct{} {
	if t.begun == nil {
		t.begun = make(chan struct{})
		if t.hurried {
			close(t.begun)
		}
	}
	return t.begun
}

// Each releases mu, which is t's, while it calls f with each of all. These may end their
// goroutine (runtime.Goexit), and then the rest of what the caller is about would not be
// done. So f has a goroutine of its own, which goes in owners by the name of the caller's, is
// in the hooks that the caller is in, and on the behalf of the caller and of who waits; if one of
// all ends it half-way, the others have another.
func Each[O, E any](t *Teller, mu *sync.Mutex, owners *goid.Registry[O], by Waiter, all []E, f func(E)) {
	if len(all) == 0 {
		return
	}
	begun := t.hurry()
	var bound <-chan struct{}
	if t.bound != nil {
		bound = t.bound.Over
	}
	w := t.watched(mu, by)
	mu.Unlock()
	defer w.over()
	told := make(chan struct{})
	go each(all, f, owners, self[O]{owners.Current(), hook.Here(), w.behalf()}, told)
	select {
	case <-told:
		return
	case <-begun:
	case <-bound:
	}
	w.await(told)
}

// await waits for what is told by one that is in a hurry; mu is free.
func (w *watch) await(told <-chan struct{}) {
	w.mu.Lock()
	w.t.Hurry()
	rude := w.t.rude != nil
	w.mu.Unlock()
	if rude {
		return
	}
	timer := time.NewTimer(courtesy)
	defer timer.Stop()
	select {
	case <-told:
		return
	case <-w.telling.hangs:
	case <-timer.C:
		w.telling.outlives()
	}
	w.mu.Lock()
	w.t.rude = w
	w.mu.Unlock()
}

// self is as whom a goroutine goes on for another one.
type self[O any] struct {
	owner *O
	hooks *hook.Call
	of    *tree.Behalf
}

// each calls f with each of all, as the one that tells, and closes told.
func each[O, E any](all []E, f func(E), owners *goid.Registry[O], as self[O], told chan<- struct{}) {
	count := 0
	defer func() {
		if count < len(all) { // the last one has ended the goroutine
			go each(all[count:], f, owners, as, told)
			return
		}
		close(told)
	}()
	if as.owner != nil {
		defer owners.Leave(owners.Enter(as.owner))
	}
	defer hook.Enter(as.hooks)()
	defer tree.Behalves.Leave(tree.Behalves.Enter(as.of))
	for count < len(all) {
		e := all[count]
		count++
		f(e)
	}
}
