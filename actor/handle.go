package actor

import (
	"context"

	"github.com/bruskajp/nano_services/internal/tree"
)

// The methods of a service that do not depend on its T. core has the code.

// Name returns the name of the service: its path in the tree once a supervisor has served
// it, and otherwise the name from WithName, or else that of its type.
func (s *Service[T]) Name() string { return s.some().Name() }

// Done returns a channel that is closed when the service has ended for good: nothing of it
// will run any more, or what still runs was cut off. The channel is not closed while a later
// Serve may run the service again.
func (s *Service[T]) Done() <-chan struct{} { return s.some().Done() }

// Err returns why the latest incarnation ended. It returns nil while the incarnation runs, and
// if it ended normally or was stopped without trouble.
func (s *Service[T]) Err() error { return s.some().Err() }

// Info returns what can be seen of the service. It is cheap, never waits for a closure, takes
// no lock that the path of a closure takes, and does not touch T. Each number is right by
// itself; together they add up only while nothing is being sent or run.
func (s *Service[T]) Info() Info { return s.some().Info() }

// Observe sets what the service looks at from the next closure on, instead of what it
// looked at before. What was measured and kept so far stays. It does not block and may
// be called by any goroutine.
func (s *Service[T]) Observe(i Instruments) { s.some().Observe(i) }

// History returns the last closures that have ended, oldest first: as many as
// Instruments.History says, or none if the service does not keep them. It never waits
// for the service, and may be called by any goroutine.
func (s *Service[T]) History() []ClosureRecord { return s.some().History() }

// Pause has the service run no more closures until Resume. It returns when the closure
// that was running has ended, or with an error that wraps the context's when ctx ends
// before; then the service is paused all the same, from the end of that closure on.
//
// Pauses are not counted: one Resume ends the pauses of all callers.
//
// A paused service goes on accepting closures, and serves inspections (Inspect, Show). A
// pause does not hold up what ends the service: Stop, and a supervisor that stops it, have it
// run what it had accepted. A restart leaves the service paused. If the service is not being
// served, the pause begins with the next incarnation. If it has ended, before or while Pause
// waits, it is not paused, and the error wraps ErrStopped.
//
// Called from one of the service's own closures, Pause does not wait for itself. A
// Pause that would complete a cycle of services waiting for each other returns a
// *DeadlockError, and the service is not paused.
func (s *Service[T]) Pause(ctx context.Context) error { return s.some().Pause(ctx) }

// Resume takes back Pause. It does not block, and does nothing for a service that is not
// paused or has ended. If closures wait, at least one of them has its turn before the next
// Pause takes hold, so that pausing and resuming in a loop does not starve the service.
func (s *Service[T]) Resume() { s.some().Resume() }

// Record collects the next n closures that end, with name, call site, time in the queue and
// run time. The site and the time in the queue are not known for closures that were queued
// before. Record returns at once; the closures are what Wait returns. A recording costs the
// service's closures what WithHistory does, until it is complete or stopped, or its Wait has
// given up. n below 1 panics.
func (s *Service[T]) Record(n int) *Recording { return s.some().Record(n) }

// Stop ends the service for good. It takes nothing new, runs what was accepted,
// closes T if it has Close() error or Close(), and returns when that is done. It returns nil,
// or why the incarnation ended badly: a crash while draining, or T's Close.
//
// If that takes 5 s, the closure that runs is logged, with its line; and again after doubled
// times, 8 times at most.
//
// If ctx ends first, the service is cut off: what is still queued becomes dead letters. The
// error wraps that of ctx, and names the closure that is still running, which no Go library
// can end. T is closed on its own goroutine when that closure returns, if ever. If ctx has ended
// before, nothing more is begun, and the error names Close of T, which is not waited for.
//
// A service that is not being served has no T to run closures with: what it had queued
// becomes dead letters. Stopping a stopped service does nothing. Stop may be called by
// several goroutines at once. Called from one of the service's own closures, Stop does not
// wait for itself: it returns nil, and takes effect after that closure. A Stop that would
// complete a cycle of services waiting for each other changes nothing and returns a
// *DeadlockError.
func (s *Service[T]) Stop(ctx context.Context) error { return s.some().Stop(ctx) }

// Kill ends the service for good, at once: what is queued becomes dead letters. It waits for
// nothing but the dead-letter hook and the logger, and for these 0.1 s at most: a hook that
// returns in that time has been called when Kill returns. One that does not goes on alone,
// and until it has returned no Kill of any service waits for that function, or that type of
// slog.Handler. A closure that is running is cut off: it goes on, its caller gets an error
// with the outcome Unknown, and T is closed on its own goroutine when it returns. If no closure
// runs, T is closed likewise; a Close that takes 5 s is logged.
func (s *Service[T]) Kill() { s.some().Kill() }

// SignalsReady is for supervisors: a service is up when its constructor has returned, and
// says so.
func (s *Service[T]) SignalsReady() bool { return s.some().SignalsReady() }

// StartedBy is for supervisors. It says what starts the service: until it is started, the
// service waits for whatever its starter waits for.
func (s *Service[T]) StartedBy(by tree.Starter) { s.some().StartedBy(by) }

// Abandon is for supervisors. It says that Serve will not be called again: the service is
// down, its queue is answered, and it refuses what comes until it is served again.
func (s *Service[T]) Abandon() { s.some().Abandon() }

// CutOff is for supervisors. It cuts the service off from an incarnation that has not ended
// in its time, and returns at once; a supervisor goes on as if Serve had returned. If another
// Serve is to follow, goOn is true and the queue is kept for it. running names the closure
// that still runs, and is "" if nothing does.
func (s *Service[T]) CutOff(goOn bool) (running string) { return s.some().CutOff(goOn) }
