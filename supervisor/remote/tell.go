package remote

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/hook"
)

// Tell is called by generated code: it sends a cast and does not wait. A nil error says that
// the cast was sent, once; whether the service has accepted it the server says later, and
// Sync, the dead-letter hook and Info tell if it has not. Otherwise it was not sent, and the
// outcome is NotRun: actor.ErrMailboxFull if too many are in flight, ErrDisconnected,
// ErrTooLarge, or arguments that cannot be encoded; or, rarely, the connection broke while
// it was written, and the outcome is Unknown. The hook sees these, too. Of ctx only the
// values matter. A method that the client's signatures lack panics.
func Tell[A any](ctx context.Context, c *Client, method string, args A) error {
	m := c.method(method)
	msg, err := c.castOf(ctx, m, method, m.shape(reflect.TypeFor[A]()), &args)
	what := actor.NotRun
	if err == nil {
		what, err = c.tell(msg, method)
	} else {
		c.n.casts.refuse()
		c.lose(missed{method, what, err}, nil, hook.Here())
	}
	if err == nil {
		return nil
	}
	return c.failed("cast", method, what, err)
}

func (c *Client) castOf(ctx context.Context, m *method, name string, in array, args any) (*nats.Msg, error) {
	payload, err := format{}.encode(in, args)
	if err != nil {
		return nil, fmt.Errorf("the arguments cannot be sent: %w", err)
	}
	msg := &nats.Msg{Subject: callSubject + c.name + "." + name, Header: nats.Header{headerSig: {m.sig}}, Data: payload}
	return msg, c.n.inject(ctx, msg.Header)
}

// tell sends a cast and returns what it says to the caller.
func (c *Client) tell(msg *nats.Msg, method string) (actor.Outcome, error) {
	n := c.n
	if !n.tryAcquire() {
		n.casts.refuse()
		c.lose(missed{method, actor.NotRun, actor.ErrMailboxFull}, nil, hook.Here())
		return actor.NotRun, actor.ErrMailboxFull
	}
	t := &cast{c: c, method: method, batch: c.account.begin(), cause: hook.Here()}
	n.casts.open()
	number := n.pending.add(t, t.entered)
	what, err := n.send(msg, number)
	if err == nil {
		return actor.Ran, nil
	}
	if n.pending.take(number) != nil { // else it counts as unknown, since the node has ended
		t.end(what, err, what == actor.NotRun)
	}
	return what, err
}

// A cast that was sent, as its sender sees it. Whoever settles it first wins (see pending).
//
//	state   event                                         next
//	sent    an empty answer                               accepted
//	sent    NATS says that nobody is there; answer n      refused
//	sent    no answer within AckTimeout; any other answer unknown
//	sent    the node ends for good                        unknown
//
// What is refused or unknown reaches the hook and Sync.
type cast struct {
	c      *Client
	method string
	batch  *batch
	cause  *hook.Call  // what the sender is in
	number uint64      // written before another goroutine sees it
	timer  *time.Timer // likewise
}

// entered is called before the cast is settled.
func (t *cast) entered(number uint64) {
	t.number = number
	t.timer = time.AfterFunc(t.c.n.cfg.AckTimeout, t.late)
}

// late: no answer has come in time.
func (t *cast) late() {
	if t.c.n.pending.take(t.number) != nil {
		t.end(actor.Unknown, noAnswer{context.DeadlineExceeded}, false)
	}
}

func (t *cast) settle(answer *nats.Msg) {
	switch {
	case answer == nil:
		t.end(actor.Unknown, noAnswer{errNodeEnded}, false)
	case isNobody(answer):
		t.end(actor.NotRun, ErrNoService, false)
	case answer.Header.Get(headerError) != "":
		t.refused(answer)
	case len(answer.Data) == 0 && answer.Header.Get(headerStatus) == "":
		t.end(actor.Ran, nil, false)
	default: // no binding's, as that of a JetStream stream that records requests
		t.end(actor.Unknown, noAnswer{errors.New("what answered is no binding")}, false)
	}
}

// refused reads an answer with an error.
func (t *cast) refused(answer *nats.Msg) {
	told, what, err := parse(answer.Header.Get(headerError))
	if err == nil {
		told.Type, told.Value = "", nil // no method's, of which a type of the user's would have to be made here
		err = t.c.errors.error(told)
	}
	if what != actor.NotRun { // no server says so of a cast
		what, err = actor.Unknown, noAnswer{err}
	}
	t.end(what, err, false)
}

// end accounts for the cast; unsent: it was never sent.
func (t *cast) end(what actor.Outcome, err error, unsent bool) {
	t.timer.Stop()
	n := t.c.n
	n.casts.end(what, unsent)
	if err == nil {
		t.c.account.end(t.batch, nil)
		n.release()
		return
	}
	t.c.lose(missed{t.method, what, err}, t.batch, t.cause)
}

// lose tells of a cast that was not accepted, of a batch if it was sent or was to be. It is
// called on any goroutine, as that on which all answers come: it asks nothing of the user's.
func (c *Client) lose(m missed, b *batch, cause *hook.Call) {
	c.account.end(b, &m)
	var seen func()
	if b != nil {
		seen = c.n.release
	}
	c.n.letters.send(parcel{Letter{c.name, m.method, m.what, m.err}, cause, seen})
}
