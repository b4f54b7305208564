package tree

import "log/slog"

// Abandoner is implemented by services, and by supervisors for their whole tree.
// A supervisor that will not serve a child again calls Abandon, when the child's
// Serve has returned: the service is down, its queue is answered, and it refuses
// what comes until it is served again. A supervisor that gives up leaves that to
// its own parent, so that the queues survive its restart.
type Abandoner interface{ Abandon() }

// CutOffer is implemented by services. A supervisor calls CutOff when a child has
// not returned from Serve in its time, and then goes on as if it had. If another
// Serve is to follow, goOn is true and the queue is kept for it. CutOff returns
// at once. What it returns names the closure that still runs, and is "" if
// nothing does.
type CutOffer interface {
	CutOff(goOn bool) (running string)
}

// Startable is implemented by services and supervisors. A supervisor of which one is a
// child says who starts it, before that begins.
type Startable interface{ StartedBy(by Starter) }

// Starter knows what a service that does not run waits for.
type Starter interface {
	// Before returns the services that have to be up, or to end, before the one for which
	// this is is started. It waits for none of them.
	Before() []any
	// Name returns the path of the supervisor.
	Name() string
	// Logger returns where the service logs, if it has no logger of its own: nil if that is
	// not said.
	Logger() *slog.Logger
}

// Readier is implemented by what calls the Ready of its Place when it is up.
// Everything else is up as soon as it has been launched.
type Readier interface{ SignalsReady() bool }
