package storm

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// draws are the choices of one step: which operation it is, and with what. They depend on the
// seed, the worker and the number of the step alone. Whatever has happened meanwhile, and how
// many choices an earlier step has made before a value that misbehaves ended it, does not matter.
type draws struct {
	from  *rand.Rand
	noted bool    // for a test of them
	made  []drawn // if noted
}

// drawn is one choice: which of how many, and its name if that does not depend on what has
// happened.
type drawn struct {
	of, which uint64
	name      string
}

func newDraws(of ...uint64) *draws {
	var seed [32]byte
	for i, n := range of {
		binary.LittleEndian.PutUint64(seed[8*i:], n)
	}
	return &draws{from: rand.New(rand.NewChaCha8(seed))}
}

// draw returns one of n numbers; 0: of all that there are.
func (d *draws) draw(n uint64) (which uint64) {
	if n == 0 {
		which = d.from.Uint64()
	} else {
		which = d.from.Uint64N(n)
	}
	if d.noted {
		d.made = append(d.made, drawn{of: n, which: which})
	}
	return which
}

// named says what the last choice is.
func (d *draws) named(name string) {
	if d.noted {
		d.made[len(d.made)-1].name = name
	}
}

func (d *draws) intN(n int) int { return int(d.draw(uint64(n))) }

// one returns one of them. How many there are is the same each time.
func one[E any](u *worker, list ...E) E { return list[u.intN(len(list))] }

// rarely is true once in n.
func (u *worker) rarely(n int) bool { return u.intN(n) == 0 }

// split returns the choices for another goroutine.
func (d *draws) split() *draws { return newDraws(d.draw(0), d.draw(0)) }

// moment is a time from 0 to 5 ms.
func (d *draws) moment() time.Duration { return time.Duration(d.intN(5000)) * time.Microsecond }

// many is how many targets there are at most.
const many = 20

// target returns one: each of those that last as often as each place of the others.
func (u *worker) target() *target {
	which := u.intN(many)
	u.lock.Lock()
	defer u.lock.Unlock()
	if which < lasting {
		u.named(u.targets[which].name)
	}
	return u.targetAt(which)
}

// single returns one that is a service, and not several.
func (u *worker) single() *target {
	which := u.intN(many - lasting + len(u.singles))
	u.lock.Lock()
	defer u.lock.Unlock()
	if which < len(u.singles) {
		u.named(u.singles[which].name)
		return u.singles[which]
	}
	return u.targetAt(which - len(u.singles) + lasting)
}

// targetAt returns the target at a place. Those that do not last take all their places; if
// there is none yet, it is one of the others. lock is held.
func (w *world) targetAt(which int) *target {
	if which < lasting {
		return w.targets[which]
	}
	if added := w.targets[lasting:]; len(added) > 0 {
		return added[(which-lasting)%len(added)]
	}
	return w.singles[(which-lasting)%len(w.singles)]
}
