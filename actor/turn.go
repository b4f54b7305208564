package actor

// A caller who has the answer finds the call in the numbers: a closure is counted as executed, skipped
// or dead, and not as running, before its caller is answered. The owner is busy with the
// turn of a closure for a while longer, with views, the end of a burst and its log. So an
// incarnation has a word, turn, that says which turn's closure has been counted:
//
//	turn              event                              next              who
//	an earlier one's  the closure is counted             this one's, owner the owner, once
//	an earlier one's  the service is cut off             this one's, other who cuts it off: adrift
//	this one's, owner the service is cut off             -                 who cuts it off
//	this one's, other the closure has returned meanwhile this one's, owner the owner: adrift no more
//
// Turns are numbered by what has been taken from the mailbox.

const byOwner = 1 // in turn

// counts is called by the owner when the closure that it is busy with has been counted, and
// at the end of a turn that was taken from it. Again does nothing.
func (in *incarnation) counts() {
	n := in.cons.Taken() << 1
	if in.turn.Swap(n|byOwner) == n {
		in.c.adrift.Add(-1)
	}
}

// drifts is called by who has taken turn n from the owner: its closure runs on, unless it
// has been counted.
func (in *incarnation) drifts(n uint64) {
	in.c.adrift.Add(1) // first, so that it is never counted as executed in between
	n <<= 1
	if was := in.turn.Load(); was == n|byOwner || !in.turn.CompareAndSwap(was, n) {
		in.c.adrift.Add(-1)
	}
}

// counted reports whether the closure of turn n has been counted by its owner.
func (c *core) counted(n uint64) bool {
	in := c.in.Load()
	return in != nil && in.turn.Load() == n<<1|byOwner
}
