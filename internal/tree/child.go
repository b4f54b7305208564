package tree

import "log/slog"

// Abandoner is implemented by services, and by supervisors for their whole tree. When a
// child's Serve has returned, and the supervisor will not serve the child again, it calls
// Abandon: the service is down, its queue is answered, and it refuses what comes until it is
// served again. A supervisor that gives up leaves that to its parent, so that the queues
// survive its restart.
type Abandoner interface{ Abandon() }

// CutOffer is implemented by services. A supervisor calls CutOff when a child has not returned
// from Serve in its time, and then goes on as if it had. If another Serve is to follow, goOn
// is true and the queue is kept for it. CutOff returns at once. Its result names the closure
// that still runs, and is "" if none does.
type CutOffer interface {
	CutOff(goOn bool) (running string)
}

// Startable is implemented by services and supervisors. A supervisor tells a Startable child
// what starts it, before the start begins.
type Startable interface{ StartedBy(by Starter) }

// Starter knows what a service that does not run waits for.
type Starter interface {
	// Before returns the services that have to be up, or to end, before the service that the
	// Starter is for is started. It waits for none of them.
	Before() []any
	// Name returns the path of the supervisor.
	Name() string
	// Logger returns where the service logs, if it has no logger of its own, or nil if the
	// supervisors have none.
	Logger() *slog.Logger
}

// Readier is implemented by children that call the Ready of their Place when they are up. All
// others are up as soon as they have been launched.
type Readier interface{ SignalsReady() bool }
