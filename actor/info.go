package actor

// Info is what can be seen of a service from outside.
type Info struct {
	Name        string // as Name returns it
	State       State
	Incarnation uint64 // 1 for the first; 0 if there was none yet

	// Closures, calls included, since the service was made. While nothing is being
	// sent, Accepted = Executed + Dead + Skipped + Queued + Running.
	Accepted uint64
	Executed uint64 // ran to their end, or crashed
	Dead     uint64 // will not run: dead letters
	Skipped  uint64 // at their turn, calls that nobody waited for, and ticks, notices and events that were cancelled
	Queued   int    // wait for their turn
	Running  int    // are running, those that the service was cut off from included
	Refused  uint64 // were not accepted
}

// Info returns what can be seen of the service. It is cheap, never waits for a
// closure, and does not touch T. Each number is right by itself; they belong
// together while nothing is being sent and run.
func (c *core) Info() Info {
	c.mu.Lock()
	i := Info{Name: c.Name(), State: c.state, Incarnation: c.number}
	c.mu.Unlock()
	for range 4 {
		// What leaves a number before what it enters, so that nothing is counted as
		// executed early. What moved meanwhile may be counted twice: hence once more.
		n := c.box.Counts()
		i.Accepted, i.Queued = n.Accepted, n.Waiting
		i.Running = int(c.adrift.Load())
		if n.Busy {
			i.Running++
		}
		i.Dead, i.Skipped, i.Refused = c.dead.Load(), c.skipped.Load(), c.refused.Load()
		i.Accepted += c.lapsed.Load() // after dead
		i.Executed = 0
		if gone := i.Dead + i.Skipped + uint64(i.Queued) + uint64(i.Running); gone < i.Accepted {
			i.Executed = i.Accepted - gone
		}
		if c.box.Counts() == n {
			break
		}
	}
	return i
}
