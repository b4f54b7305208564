package remote

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
)

// Invoke is called by generated code: it calls the method and waits for what it returns. A
// and R are the arguments and results, as arrays (see interface.go). The call is sent at
// most once. It ends with ctx, or after Config.Timeout if that has no deadline, and its error
// says what became of it (actor.OutcomeOf). A method that the client's signatures lack panics.
func Invoke[A, R any](ctx context.Context, c *Client, method string, args A) (results R, err error) {
	m := c.method(method)
	if span := c.n.cfg.Span; span != nil {
		inside, end := span(ctx, "call", m.title)
		if inside != nil {
			ctx = inside
		}
		if end != nil {
			defer func() { end(err) }()
		}
	}
	in, out := m.shape(reflect.TypeFor[A]()), m.shape(reflect.TypeFor[R]())
	if out.refused != nil {
		return results, c.count(c.failed("call", method, actor.NotRun, out.refused))
	}
	what, err := c.invoke(ctx, m, method, in, &args, &results)
	if err != nil && what != actor.Ran {
		err = c.failed("call", method, what, err)
	}
	return results, c.count(err)
}

// invoke calls a method. An error with the outcome Ran is the method's own, or says already
// what it is.
func (c *Client) invoke(ctx context.Context, m *method, name string, in array, args, results any) (actor.Outcome, error) {
	payload, err := format{}.encode(in, args)
	if err != nil {
		return actor.NotRun, fmt.Errorf("the arguments cannot be sent: %w", err)
	}
	ctx, cancel := c.n.bounded(ctx)
	defer cancel()
	msg := &nats.Msg{Subject: callSubject + c.name + "." + name, Header: nats.Header{headerSig: {m.sig}}, Data: payload}
	if err := c.n.inject(ctx, msg.Header); err != nil {
		return actor.NotRun, err
	}
	done := actor.WaitOutside(ctx, m.waits)
	defer done()
	answer, what, err := c.n.ask(ctx, msg, cancelSubject+c.name)
	if err != nil {
		return what, err
	}
	return c.read(answer, m, name, results)
}

// setDeadline tells the server how long it has: less than the caller, so that the answer
// that the method was not run comes before the caller leaves.
func setDeadline(deadline time.Time, h nats.Header) {
	if deadline.IsZero() { // there is none
		return
	}
	left := min(time.Until(deadline), maxTimeout)
	deadline = time.Now().Add(left) // what is later may be no number of milliseconds
	left -= slack(left)
	h[headerTimeout] = []string{strconv.FormatInt(max(left.Microseconds(), 1), 10)}
	h[headerExpires] = []string{strconv.FormatInt(deadline.UnixMilli(), 10)}
}

// slack returns what of the time that a caller has is for the way of the answer: a tenth,
// between 2 and 50 ms, but not more than half of it.
func slack(left time.Duration) time.Duration {
	return min(max(left/10, 2*time.Millisecond), 50*time.Millisecond, left/2)
}

// inject lets the hook set headers. Those of the package are not for it.
func (n *Node) inject(ctx context.Context, h nats.Header) (err error) {
	if n.cfg.Inject == nil {
		return nil
	}
	n.cfg.Inject(ctx, func(key, value string) {
		switch {
		case strings.HasPrefix(strings.ToLower(key), "nano-"), strings.EqualFold(key, headerStatus), strings.EqualFold(key, headerType):
			err = fmt.Errorf("the function Inject has set the header %.100q, which is the package's", key)
		case !isHeader(key) || strings.ContainsAny(value, "\r\n"):
			err = fmt.Errorf("the function Inject has set the header %.100q, which is none", key)
		default:
			h.Set(key, value)
		}
	})
	return err
}

// isHeader reports whether key may be the name of a header.
func isHeader(key string) bool {
	for _, r := range key {
		if r <= ' ' || r == ':' || r > '~' {
			return false
		}
	}
	return key != ""
}
