package remote

// HashOf is the value of the header Nano-Sig for a signature.
var HashOf = hashOf

// Slack is what of a caller's time is for the way of the answer.
var Slack = slack

// Departed returns how many inboxes are kept of callers that have left.
func (b *Binding) Departed() int {
	d := b.now.Load()
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.left.set)
}

// HasDeparted reports whether that is one of them.
func (b *Binding) HasDeparted(inbox string) bool {
	d := b.now.Load()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.left.has(inbox)
}
