package actor

import "github.com/bruskajp/nano_services/internal/seam"

// loop runs closures until the incarnation is over. It is the path of every
// closure; what is rare is elsewhere. One deferred function guards them all,
// because a crash ends the incarnation anyway.
func (c *core) loop(in *incarnation, v *verdict) {
	var current job
	returned := false
	defer func() {
		if !returned {
			stack := closureLoop.Caught()
			c.crashed(in, v, current, recover(), stack)
		}
	}()
	in.wakes(true)
	for {
		if c.box.Signals()&sigAttention != 0 { // in one condition it would be two branches
			returned = true // what may crash there is not a closure
			if !in.attend() {
				break
			}
			returned = false
		}
		j, ok := in.cons.Next()
		if !ok {
			current = nil // what it holds is not kept alive while there is nothing to do
			if c.box.Closed() && in.cons.Empty() {
				if in.linger() {
					continue
				}
				_ = in.steps.Take(seam.End)
				break // drained
			}
			if c.box.Signals()&sigLate != 0 {
				c.box.Clear(sigLate) // it is of interest only when the mailbox is closed
				continue
			}
			in.parks()
			in.cons.Wait()
			in.wakes(false)
			continue
		}
		// Who cuts the service off sets the signal and then looks whether the owner
		// is busy; the owner is busy by now and looks for the signal. So a closure
		// that is begun can be taken away, and one that can not is not begun. What
		// took it says so with lost before it takes the signal back.
		if c.box.Signals()&sigCut != 0 || in.lost.Load() {
			returned = true // what follows may call a hook, and is not a closure's crash
			c.withdraw(in, j)
			break
		}
		current = j
		if a := c.around.Load(); a != nil {
			a.run(in, j)
		} else {
			j.run(in)
		}
		if !in.cons.Done() {
			in.counts()
			break // lost
		}
	}
	returned = true
}
