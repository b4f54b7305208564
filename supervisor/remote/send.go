package remote

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// A request, as its sender sees it. Whoever settles it first wins (see pending); what comes
// later finds nothing.
//
//	state   event                                           next      the caller gets
//	(none)  ctx over, not encoded, too large, no connection (none)    NotRun, nothing was sent
//	(none)  in flight = bound                               waits     NotRun if ctx ends
//	(none)  publish fails, and nothing went out             (none)    NotRun
//	(none)  publish fails otherwise                         settled   Unknown
//	sent    NATS says that nobody is there                  settled   NotRun, ErrNoService
//	sent    an answer: n, none, c, u                        settled   NotRun, Ran, Crashed, Unknown
//	sent    ctx or Timeout ends                             given up  Unknown, ErrNoAnswer; told to the server
//	sent    the connection is lost                          sent      (the answer may still come)
//	sent    the node ends for good                          settled   Unknown, at once

// notSent are the errors of a publish after which nothing of the message was written.
var notSent = []error{
	nats.ErrReconnectBufExceeded, nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrMaxPayload,
	nats.ErrBadSubject, nats.ErrHeadersNotSupported, nats.ErrInvalidConnection,
}

// send publishes m, whose answer the asker with the number waits for.
func (n *Node) send(m *nats.Msg, number uint64) (what actor.Outcome, err error) {
	l := n.link.load()
	if l == nil {
		return actor.NotRun, ErrDisconnected
	}
	m.Reply = l.inbox(number)
	err = l.nc.PublishMsg(m)
	if err == nil {
		return actor.Ran, nil
	}
	for _, e := range notSent {
		if errors.Is(err, e) {
			return actor.NotRun, unsent{err}
		}
	}
	return actor.Unknown, noAnswer{err}
}

// unsent is the error of a publish that wrote nothing, in the words of the package.
type unsent struct{ cause error }

func (e unsent) Error() string { return e.is().Error() + ": " + e.cause.Error() }

func (e unsent) Unwrap() []error { return []error{e.is(), e.cause} }

func (e unsent) is() error {
	if e.cause == nats.ErrMaxPayload {
		return ErrTooLarge
	}
	return ErrDisconnected
}

// ask sends m and waits for the answer, which may be any but that of NATS that nobody is
// there. If there is none, what says what became of m. If ctx ends, that is told to cancel, a
// subject, unless it is empty.
func (n *Node) ask(ctx context.Context, m *nats.Msg, cancel string) (answer *nats.Msg, what actor.Outcome, err error) {
	deadline, _ := ctx.Deadline()
	answer, what, err = n.exchange(ctx.Done(), deadline, m, cancel)
	switch {
	case err != errOver:
		return answer, what, err
	case what == actor.NotRun:
		return nil, what, foreign.Why(ctx)
	}
	return nil, what, noAnswer{foreign.Why(ctx)}
}

// exchange is ask with what it has to know of the context: to ask that while a place is taken
// could keep it. If done is closed before the answer has come, the error is errOver.
func (n *Node) exchange(done <-chan struct{}, deadline time.Time, m *nats.Msg, cancel string) (answer *nats.Msg, what actor.Outcome, err error) {
	if !n.acquire(done) {
		return nil, actor.NotRun, errOver
	}
	defer n.release()
	if m.Header != nil {
		setDeadline(deadline, m.Header) // what is left now: it may have waited for its place
	}
	w := make(waiter, 1)
	number := n.pending.add(w, nil)
	if what, err := n.send(m, number); err != nil {
		n.pending.take(number)
		return nil, what, err
	}
	select {
	case answer = <-w:
	case <-done:
		if n.pending.take(number) != nil {
			n.tell(cancel, m.Reply)
			return nil, actor.Unknown, errOver
		}
		answer = <-w // it has come meanwhile
	}
	switch {
	case answer == nil:
		return nil, actor.Unknown, noAnswer{errNodeEnded}
	case isNobody(answer):
		return nil, actor.NotRun, ErrNoService
	}
	return answer, actor.Ran, nil
}

// isNobody reports whether an answer is that of NATS that nobody is there.
func isNobody(answer *nats.Msg) bool {
	return len(answer.Data) == 0 && answer.Header.Get(headerStatus) == statusNobody
}

// acquire takes the place of one request in flight. It reports false if done is closed before.
func (n *Node) acquire(done <-chan struct{}) bool {
	select {
	case <-done: // a semaphore need not look
		return false
	default:
	}
	if n.tryAcquire() {
		return true
	}
	if n.room.Acquire(until{context.Background(), done}, 1) != nil {
		return false
	}
	n.inFlight.Add(1)
	return true
}

// until is a context of no more than a channel. A context of the user's that does not say why
// it has ended would have a semaphore say that it has given a place.
type until struct {
	context.Context
	done <-chan struct{}
}

func (u until) Done() <-chan struct{} { return u.done }

func (u until) Err() error {
	select {
	case <-u.done:
		return context.Canceled
	default:
		return nil
	}
}

var errOver = errors.New("remote: the context has ended")

// tryAcquire is acquire that does not wait.
func (n *Node) tryAcquire() bool {
	if !n.room.TryAcquire(1) {
		return false
	}
	n.inFlight.Add(1)
	return true
}

func (n *Node) release() {
	n.inFlight.Add(-1)
	n.room.Release(1)
}

// bounded returns ctx with a deadline: its own, or that of Config.Timeout.
func (n *Node) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(foreign.Sound(ctx), n.cfg.Timeout)
}

// tell publishes a message that is of use, and not needed.
func (n *Node) tell(subject, text string) {
	if l := n.link.load(); l != nil && subject != "" {
		_ = l.nc.Publish(subject, []byte(text))
	}
}

// waiter is an asker that a goroutine waits for.
type waiter chan *nats.Msg

func (w waiter) settle(answer *nats.Msg) { w <- answer }

var errNodeEnded = errors.New("the node has ended")

// noAnswer is ErrNoAnswer with the reason for which the waiting has ended.
type noAnswer struct{ reason error }

func (e noAnswer) Error() string   { return ErrNoAnswer.Error() + ": " + e.reason.Error() }
func (e noAnswer) Unwrap() []error { return []error{ErrNoAnswer, e.reason} }
