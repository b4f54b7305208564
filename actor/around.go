package actor

// around is what is done around the closures of a service besides running them.
// core.around is nil for a service that asked for none of it: that costs a closure
// one load and one branch. An around is immutable; it is replaced as a whole, by
// changeAround.
type around struct {
	lens *lens // what looks at closures; nil: nothing
	// Called instead of the closure, with what runs it; the first is the outermost.
	intercept []func(in *incarnation, j job, run func())
	// Called after each closure that has returned, before its caller is answered.
	after []func(in *incarnation)
	// Called when a closure has returned and none waits, or the incarnation is told
	// to end, and after maxBurst closures in a row.
	burst []func(in *incarnation)
}

// maxBurst is the number of closures after which a burst is taken for ended.
const maxBurst = 1024

// changeAround replaces what is done around closures by what change makes of a copy.
// It holds from the next closure on.
func (c *core) changeAround(change func(*around)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var a around
	if old := c.around.Load(); old != nil {
		a = around{
			lens:      old.lens,
			intercept: append([]func(*incarnation, job, func()){}, old.intercept...),
			after:     append([]func(*incarnation){}, old.after...),
			burst:     append([]func(*incarnation){}, old.burst...),
		}
	}
	change(&a)
	if a.lens == nil && len(a.intercept)+len(a.after)+len(a.burst) == 0 {
		c.around.Store(nil)
		return
	}
	c.around.Store(&a)
}

// run runs a closure, and what is to be done around it, while the owner of the
// mailbox is busy with it.
func (a *around) run(in *incarnation, j job) {
	if a.lens != nil {
		a.lens.begin(in, j)
	}
	if len(a.intercept) == 0 {
		j.run(in)
	} else {
		a.runIntercepted(in, j)
	}
	if _, ok := j.(call); !ok { // a call does it itself, before it answers
		a.returned(in)
	} else if a.lens != nil {
		a.lens.left(in)
	}
	if in.burst++; len(a.burst) > 0 && (in.burst >= maxBurst || in.c.box.Len() == 0 || in.c.box.Signals() != 0) {
		in.burst = 0
		for _, f := range a.burst {
			f(in)
		}
	}
}

func (a *around) runIntercepted(in *incarnation, j job) {
	run := func() { j.run(in) }
	for i := len(a.intercept) - 1; i >= 0; i-- {
		f, inner := a.intercept[i], run
		run = func() { f(in, j, inner) }
	}
	run()
}

func (a *around) returned(in *incarnation) {
	if a.lens != nil {
		a.lens.end(in)
	}
	for _, f := range a.after {
		f(in)
	}
}

// returned is called when the closure of a call has returned, before the answer.
func (in *incarnation) returned() {
	if a := in.c.around.Load(); a != nil {
		a.returned(in)
	}
}
