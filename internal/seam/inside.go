package seam

import "context"

// Inside is what a service is doing at one instant, in the words of the table above phase in
// package actor; "-" is none.
type Inside struct {
	State string // of the service
	Phase string // of its incarnation
	Turn  string // of the consumer's part of its mailbox
	Reply string // of the call that runs
}

// String returns the four in one line.
func (i Inside) String() string {
	return i.State + " " + i.Phase + " " + i.Turn + " " + i.Reply
}

// Insider is a service that can be looked into, from the beginning of one of its incarnations
// on, and also when that is over: Inside is about the service. It may be called by any
// goroutine. It takes the service's lock, and waits for nothing else.
type Insider interface {
	Inside() Inside
	// State returns the T of the incarnation, nil before it was made, and whether no closure
	// is half-way. What it refers to may be looked at while nothing of the service runs.
	State() (state any, between bool)
	// Queue returns how many closures the service has accepted and taken so far.
	Queue() (accepted, taken uint64)
}

// Probe is called when an incarnation of the service with that name begins, on its goroutine
// and with the service's lock held. So it only keeps s, and looks later.
type Probe func(name string, s Insider)

// WithProbe returns a context for Serve or Start of a tree whose services are looked into.
func WithProbe(ctx context.Context, probe Probe) context.Context {
	p := of(ctx)
	p.probe = probe
	return context.WithValue(ctx, key{}, &p)
}
