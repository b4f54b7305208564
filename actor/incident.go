package actor

import (
	"fmt"
	"io"
	"log/slog"
	"runtime/trace"
	"sync"
	"time"
)

// IncidentKind is what an Incident is about.
type IncidentKind uint8

// The kinds of incidents.
const (
	IncidentCrash    IncidentKind = iota // a closure, the constructor or Close crashed
	IncidentSlow                         // a closure runs for too long; see WithSlowClosure
	IncidentDeadlock                     // a wait of the service was refused
)

var incidentNames = [...]string{"crash", "slow", "deadlock"}

// String returns the kind in a word.
func (k IncidentKind) String() string {
	if int(k) < len(incidentNames) {
		return incidentNames[k]
	}
	return fmt.Sprintf("IncidentKind(%d)", uint8(k))
}

// Incident is something that went wrong in a service.
type Incident struct {
	Kind    IncidentKind // what it is about
	Service string       // name of the service
	Time    time.Time    // when it was noticed

	Err     error         // a *PanicError or *DeadlockError; nil for IncidentSlow
	Running string        // IncidentSlow: the closure
	Age     time.Duration // IncidentSlow: for how long at least
}

// snapshotInterval is the least time between two snapshots of a flight recorder.
const snapshotInterval = time.Minute

// flight is a flight recorder and where its snapshots go. It is shared by all services
// that were given the same option.
type flight struct {
	recorder *trace.FlightRecorder
	create   func(Incident) (io.WriteCloser, error)

	mu     sync.Mutex
	latest time.Time
}

// WithFlightRecorder has a snapshot of a flight recorder (runtime/trace), which the
// caller has started, written when a closure crashes, is reported as slow, or is refused
// a wait because of a deadlock: into what create returns for the incident, at most once
// a minute for all services that are given this option. If create returns an error, or
// the snapshot can not be written, that is logged. A recorder that is not running is
// left alone.
//
// The snapshot is written at once, on the goroutine that the incident happened on,
// after the callers of a crashed closure have been answered: a restart comes some
// milliseconds later for it. Nil arguments panic.
func WithFlightRecorder(r *trace.FlightRecorder, create func(Incident) (io.WriteCloser, error)) Option {
	if r == nil || create == nil {
		panic("actor: WithFlightRecorder without a recorder or a sink")
	}
	f := &flight{recorder: r, create: create}
	return func(o *options) { o.flight = f }
}

// incident has a snapshot written, if one is wanted. No lock of the service is held.
func (c *core) incident(i Incident) {
	f := c.flight
	if f == nil || !f.recorder.Enabled() {
		return
	}
	i.Service, i.Time = c.Name(), time.Now()
	if !f.mu.TryLock() {
		return // one is being written
	}
	defer f.mu.Unlock()
	if !f.latest.IsZero() && i.Time.Sub(f.latest) < snapshotInterval {
		return
	}
	f.latest = i.Time
	c.guard("sink of the flight recorder", func() {
		if err := f.write(i); err != nil {
			c.log(slog.LevelError, "no snapshot of the flight recorder", "err", err)
		}
	})
}

func (f *flight) write(i Incident) error {
	w, err := f.create(i)
	if err != nil {
		return err
	}
	_, err = f.recorder.WriteTo(w)
	if e := w.Close(); err == nil {
		err = e
	}
	return err
}
