package actor

// deadLetter reports a closure that was accepted and will not run.
func (c *core) deadLetter(j job, reason error) {
	c.dead.Add(1)
	c.report(j, causeOf(j), reason, false)
}

// lapse reports a closure that was accepted, did not come to the mailbox, and will
// not run.
func (c *core) lapse(j job, reason error) {
	c.lapsed.Add(1)
	c.deadLetter(j, reason)
}

// refuse counts and reports a closure that was not accepted.
func (c *core) refuse(j job, reason error) error {
	c.refused.Add(1)
	c.logRefusal("closure refused", j, reason)
	c.report(j, causeOf(j), reason, true)
	return reason
}

// report tells the hook, unless that has caused what it would be told of. The job may be in
// use again: of it, only the closure is asked.
func (c *core) report(j job, cause *told, reason error, refused bool) {
	if c.deadLetters == nil {
		return
	}
	f := j.closure().Frame()
	_, call := j.(call)
	if !c.guard("dead-letter hook", hookID(c.deadLetters), cause, func() {
		c.deadLetters(DeadLetter{c.Name(), f.Function, f.File, f.Line, reason, refused, call})
	}) && !refused { // a refusal was logged already
		c.logRefusal("dead letter that its hook has caused", j, reason)
	}
}

// dropAll has dropped what had to make room, and goes on if a hook ends the goroutine.
func (c *core) dropAll(jobs []job) {
	if len(jobs) > 0 {
		defer c.dropAll(jobs[1:])
		c.drop(jobs[0], ErrMailboxFull)
	}
}

// drop ends a job that was accepted and will not run: whoever waits for it is
// answered first.
func (c *core) drop(j job, reason error) {
	s, ok := j.(staged)
	cause := causeOf(j) // before it is withdrawn: a value's job is used again then
	switch {
	case !ok:
		c.deadLetter(j, reason)
	case s.withdrawn(c, reason):
		c.report(j, cause, reason, false)
	default:
		c.skipped.Add(1) // it was taken back, or nobody waited any more
	}
}
