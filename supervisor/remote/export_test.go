package remote

// HashOf is the value of the header Nano-Sig for a signature.
var HashOf = hashOf

// Slack is what of a caller's time is for the way of the answer.
var Slack = slack

// Departed returns how many inboxes are kept of callers that have left.
func (b *Binding) Departed() int {
	b.open.mu.Lock()
	defer b.open.mu.Unlock()
	return len(b.open.left.set)
}

// HasDeparted reports whether that is one of them.
func (b *Binding) HasDeparted(inbox string) bool {
	b.open.mu.Lock()
	defer b.open.mu.Unlock()
	return b.open.left.has(inbox)
}

// SetPending bounds the messages that wait for the binding.
func (b *Binding) SetPending(messages int) {
	if err := b.now.Load().calls.SetPendingLimits(messages, -1); err != nil {
		panic(err)
	}
}

// Waits reports whether casts of the client are waited for by Sync, and no later ones are
// among them.
func (c *Client) Waits() bool {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	return c.account.batch == nil && len(c.account.open) > 0
}

// Serving reports whether there is a Serve.
func (n *Node) Serving() bool { return n.serving.Load() }

// HeldBack returns how many letters the log was to have a record of so far.
func (n *Node) HeldBack() uint64 {
	_, count := n.letters.rate.Latest()
	return count
}

// Logged returns when the log has all records, or not in time.
func (n *Node) Logged() { n.log.Wait() }
