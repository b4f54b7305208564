package actor

import (
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/rate"
)

// watchdog is a timer that something is expected to stop. A nil watchdog is
// stopped.
type watchdog struct{ timer *alarm.Timer }

func (w *watchdog) stop() {
	if w != nil {
		w.timer.Stop()
	}
}

// longWait is a wait for the end of an incarnation, by Stop, or by Serve without a supervisor.
// Guarded by core.mu.
type longWait struct {
	rate.Wait
	timer watchdog
}

// The watch on slow closures is a timer that runs only while there is something
// to watch. It looks whether the owner of the mailbox is still busy with the
// closure that it was busy with the last time. So it costs nothing per closure,
// one timer per threshold for a service that is at work, and 1.5 µs per incarnation
// for the number of its goroutine; and a closure is reported between one and two
// thresholds after its start.
//
//	timer   event                                next
//	off     the owner begins to work             armed
//	armed   fires: the owner is parked           off
//	armed   fires: between two closures          armed, for the threshold
//	armed   fires: busy with another closure     armed, for the threshold
//	armed   fires: busy with the same closure    armed, for twice as long as before; reported
//	armed   fires: reported maxReports times     off, until the owner has been parked
type slowWatch struct {
	mu      sync.Mutex
	timer   *alarm.Timer // nil: off
	taken   uint64       // what had been taken from the mailbox when the timer fired last
	since   time.Time    // when the timer saw that first
	reports int

	goroutine string      // number of the present incarnation's; "": not yet known
	dumps     *goid.Dumps // of the tree, or the service's own
}

// off is called when an incarnation is over. It does nothing to a nil watch.
func (w *slowWatch) off() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.goroutine = ""
}

// share has the service share its tree's limit of dumps, if it is in a tree that has one.
func (w *slowWatch) share(d *goid.Dumps) {
	if d == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dumps = d
}
