package actor

import "github.com/bruskajp/nano_services/internal/seam"

// The moments of an incarnation at which something else is done than running closures. Only this
// file of the kernel names what. Each moment is a call of its own, so that it costs no more than
// what is done at it. What is done around closures is in around.go.

// isMade is called when the service has its options and a mailbox, and no other goroutine
// knows it.
func (c *core) isMade() {
	if c.slow > 0 {
		c.watchSlow(c.slow)
	}
	if c.instruments != (Instruments{}) {
		c.Observe(c.instruments)
	}
	if c.batch != nil {
		c.batch.install(c)
	}
}

// begins is called on the goroutine of an incarnation that is about to construct its T. If it
// returns a fault, that counts as the constructor's error.
func (in *incarnation) begins() (fault error) {
	fault = in.steps.Take(seam.Begin)
	in.putOnLabel()
	return fault
}

// wakes is called by the owner when it begins to work: for the first time, or after sleep.
func (in *incarnation) wakes(first bool) {
	c := in.c
	c.slowly.On()
	in.noticeTrace()
	if !first || c.label.Made() || c.box.Len() >= manyWait {
		in.putOnLabel()
	}
}

// parks is called by the owner when there is nothing to do, and it is about to sleep.
func (in *incarnation) parks() {
	in.c.depth.Emptied()
	in.waits.forget()
	in.breaksOff()
}

// crashes is called by the owner when a closure has crashed. It reports whether that was the
// commit of a batch; then the callers of the batch have been answered.
func (in *incarnation) crashes(p *PanicError) (committing bool) {
	if in.committing {
		in.commitCrashed(p)
	}
	return in.committing
}

// ends is called by the owner of an incarnation that runs nothing more.
func (in *incarnation) ends() {
	in.breaksOff()
	in.waits.forget()
	in.rec.HandOver()
}
