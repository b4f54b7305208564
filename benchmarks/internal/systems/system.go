// Package systems has the things that are compared: this library, what a user would
// write without it, and its peers. Each is one file that does the same few things in
// the way that its own documents recommend.
//
// The loops over the operations are in these files, and not in the workloads, so that
// what is measured is the call as a user writes it, and not a call through an interface.
package systems

// Service is one Tally with its owner.
type Service interface {
	// Tell hands n closures over that call Inc, and does not wait for the last one,
	// unless the system has no other way. Any number of goroutines may call it.
	Tell(n int) error

	// TellCapture is Tell with closures that capture a number and call Add with it:
	// from 0 to n-1.
	TellCapture(n int) error

	// Value waits for what the calling goroutine has told, and returns the sum.
	Value() (int, error)

	// Stop ends the service and waits for it, where the system has an end.
	Stop() error
}

// Caller is what one calling goroutine has to itself.
type Caller interface {
	// Call calls Next n times, one after the other, and returns the sum of the answers.
	// With a system that only reads it is Value.
	Call(s Service, n int) (sum int, err error)
}

// Ring is a ring of services that each know the next.
type Ring interface {
	// Pass sends one token around until it has been passed hops times.
	Pass(hops int) error

	// Hops stops the ring and returns how often each of its services has had the token.
	Hops() ([]int, error)
}

// Restarter is a service that is brought back when it panics.
type Restarter interface {
	// Restart has the service panic and then calls Next until it answers, n times. It
	// returns the sum of the answers; a fresh Tally's is 1.
	Restart(n int) (sum int, err error)

	// Stop ends the service and waits for it.
	Stop() error
}

// Nest is a service whose closures call another service.
type Nest interface {
	// Call has one closure of the outer service call Next of the inner one n times, one
	// after the other, and returns the sum of the answers.
	Call(n int) (sum int, err error)

	// Stop ends both and waits for them.
	Stop() error
}

// Tree is a supervisor to which services are added while it runs.
type Tree interface {
	// Add adds a service and calls Next once, and returns the answer.
	Add() (int, error)

	// Spawn adds a service, calls Next, and has the service ended and removed, n times. It
	// returns the sum of the answers.
	Spawn(n int) (ran int, err error)

	// Stop ends the tree and waits for it.
	Stop() error
}

// Queue is a queue of numbers with one consumer.
type Queue interface {
	// Push appends the n numbers from first on. Any number of goroutines may call it.
	Push(first, n int)

	// Pop removes n numbers, waits where there are none, and returns their sum.
	Pop(n int) (sum int)

	// Alternate appends a number and removes one, n times, from 0 to n-1. It returns the
	// sum of what it has removed.
	Alternate(n int) (sum int)
}

// Pool is a number of Tallies, each with its owner, behind one handle.
type Pool interface {
	// Tell hands n closures over that call Inc, each to the owner with the least to do.
	Tell(n int) error

	// TellByKey is Tell to the owners of keys, which take turns.
	TellByKey(n int) error

	// Call calls Next n times, one after the other, each time of the owner with the least
	// to do.
	Call(n int) error

	// Sum waits for what the calling goroutine has told, and returns the sum of all.
	Sum() (int, error)

	// Stop ends the pool and waits for it.
	Stop() error
}

// Topic passes numbers on to subscribers, each of which adds them to a Tally of its own.
type Topic interface {
	// Publish publishes the numbers from 1 to n. It is an error if one of the subscribers
	// did not accept a number.
	Publish(n int) error

	// Sums waits for what the calling goroutine has published, and returns the sum of each
	// subscriber.
	Sums() ([]int, error)

	// Stop ends the subscribers and waits for them.
	Stop() error
}

// System is one of the things that are compared. What is nil, it does not have.
type System struct {
	Name  string
	About string // what it is, in half a line

	Start     func() (Service, error)
	NewCaller func() Caller

	// Few says that a million of its services are the same as those of another system, or
	// do not fit into the memory of most machines.
	Few bool

	// Reads says that a call reads the value, and does not change it.
	Reads bool

	// Bounded starts a service for which at most capacity closures wait, and whose
	// Tell waits for room.
	Bounded func(capacity int) (Service, error)

	// Spawn creates a service, tells it one closure, and ends it, n times. It returns
	// how many closures ran.
	Spawn func(n int) (ran int, err error)

	// Flood starts the service that senders are to flood, and makes the system one of those
	// that are flooded. nil: Start does.
	Flood func() (Service, error)

	// StartServed is Start of a service that is declared first, and then served by a
	// goroutine; SpawnServed is Spawn of one. NewTree starts a tree for such services.
	StartServed func() (Service, error)
	SpawnServed func(n int) (ran int, err error)
	NewTree     func() (Tree, error)

	// NewNest starts a service whose closures call another.
	NewNest func() (Nest, error)

	// CallDeep calls Deep of a service that Start has started, and returns the answer.
	CallDeep func(s Service) (int, error)

	NewRing      func(size int) (Ring, error)
	NewRestarter func() (Restarter, error)
	NewQueue     func() Queue
	NewPool      func(members int) (Pool, error)
	NewTopic     func(subscribers int) (Topic, error)
}

// All returns the systems in the order in which they are shown.
func All() []*System {
	own := nano()
	addNanoQueue(own)
	addNanoPool(own)
	addNanoTopic(own)
	addNanoServed(own)
	addNanoNested(own)
	var all []*System
	for _, family := range [][]*System{
		{own}, {nanoProxy(), nanoView(), nanoFlooded()}, channels(), {mutex(), phonySystem()}, protoactors(), {sutureSystem()}, queues(),
	} {
		all = append(all, family...)
	}
	return all
}
