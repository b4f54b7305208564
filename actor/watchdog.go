package actor

import (
	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/internal/slow"
)

// watched is what a service has that is watched for slow closures.
type watched struct {
	*slow.Watch
	stack goid.Stack
}

// on is called by the owner when it begins to work. To know the stack it needs the number
// of its goroutine, which costs an incarnation 1.5 µs.
func (w *watched) on() {
	if w != nil && w.On() {
		w.stack.Here()
	}
}

// off is called when an incarnation is over.
func (w *watched) off() {
	if w != nil {
		w.Off()
		w.stack.Gone()
	}
}

// longWait is a wait for the end of an incarnation, by Stop, or by Serve without a supervisor.
// Guarded by core.mu.
type longWait struct {
	rate.Wait
	timer *alarm.Timer
}
