package actor

// A service that does not run waits to be started, by a supervisor that may have to wait
// for others first: while a tree starts, for the constructor of the one before it. So it
// waits for them, too, and a constructor that calls what is started after it would wait for
// ever.

// mayWait reports whether the service waits for anything, as far as can be told at once.
func (c *core) mayWait() bool {
	if in := c.in.Load(); in != nil {
		return in.waits.seq.Load()&1 == 1 || in.waits.more.Load() != 0
	}
	return c.starter() != nil
}

// heldUp returns what has to be up, or to end, before the service is started: nothing if
// it runs, or accepts nothing.
func (c *core) heldUp() (before []*core) {
	by := c.starter()
	if by == nil || c.in.Load() != nil || c.box.Closed() {
		return nil
	}
	for _, svc := range by.Before() {
		if x, ok := svc.(interface{ itself() *core }); ok {
			before = append(before, x.itself())
		}
	}
	return before
}

// itself is promoted by what embeds a service.
func (c *core) itself() *core { return c }
