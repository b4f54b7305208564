package remote

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// A request, as the binding sees it. Where messages arrive they are read and handed over, and
// nothing else: that does not wait, so the order of arrival is that of the queue.
//
//	state    event                                          next     answer
//	arrived  no method, another signature, not to be read,  (none)   n
//	         over by more than ClockSkew, in flight = bound,
//	         Authorize, the caller has left
//	arrived  the service refuses: full, stopped             (none)   n, with the actor's sentinel
//	arrived  a cast is accepted                             (none)   empty
//	arrived  the same call is under way                     (none)   (that of the first)
//	queued   its turn                                       running  -
//	queued   time-out, cancel, stop, restart, cut off       over     n
//	running  returns, crashes                               over     none, c
//	running  time-out, cancel                               running  what it returns; its context has ended
//	running  cut off                                        over     u
type request struct {
	inbox  string
	ctx    context.Context
	cancel context.CancelFunc
	cut    <-chan struct{} // closed when ctx has ended and the answer is not waited for
}

// arrive takes a message.
func (d *desk) arrive(m *nats.Msg) {
	returned := false
	defer func() {
		if returned {
			return
		}
		p := recover()
		if p == nil { // the goroutine ends, which NATS' client does not know of
			d.breaks.Do(func() { close(d.broken) })
			d.refuse(m, fmt.Errorf("a type's own unmarshaler, or a hook, has ended the goroutine"))
			return
		}
		d.refuse(m, fmt.Errorf("a hook panicked: %s", foreign.Short(foreign.Text(p), maxText)))
	}()
	if err := d.take(m); err != nil && err != errTwice {
		d.refuse(m, err)
	} else if err != nil {
		d.b.counts.twice.Add(1)
	}
	returned = true
}

// take hands a request over, or returns why it will not be run.
func (d *desk) take(m *nats.Msg) error {
	method := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	e := d.b.methods[method]
	as := format{json: m.Header.Get(headerType) == jsonType}
	if err := d.fits(e, m.Header, as, method); err != nil {
		return err
	}
	timeout, err := d.timeOf(m.Header)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if extract := d.b.n.cfg.Extract; extract != nil {
		if ctx = extract(ctx, m.Header.Get); ctx == nil {
			return fmt.Errorf("the function Extract has returned a nil context")
		}
		ctx = foreign.Sound(ctx) // it is asked when it ends, on any goroutine
	}
	if authorize := d.b.opts.authorize; authorize != nil {
		if err := authorize(ctx, method, Header{m.Header}); err != nil {
			return refusedBy{foreign.Keep(err)}
		}
	}
	if e.cast {
		return d.cast(ctx, e, as, m)
	}
	return d.call(ctx, timeout, e, as, m)
}

// refusedBy is actor.ErrRefused with the error of Authorize.
type refusedBy struct{ why error }

func (e refusedBy) Error() string   { return "refused by Authorize: " + e.why.Error() }
func (e refusedBy) Unwrap() []error { return []error{actor.ErrRefused, e.why} }

// fits returns why a request for the method cannot be one of those that e answers.
func (d *desk) fits(e *entry, h nats.Header, as format, method string) error {
	if e == nil {
		return fmt.Errorf("%w: %s has no %.100q", ErrNoMethod, d.b.of, method)
	}
	// By hand, in JSON, it need not be there.
	if sig := h.Get(headerSig); sig != e.sig && (sig != "" || !as.json) {
		return fmt.Errorf("%w: the server has %s", ErrIncompatible, e.text)
	}
	return nil
}

// timeOf returns how long the caller's server has, 0 if that is not bounded, or that it is
// over.
func (d *desk) timeOf(h nats.Header) (timeout time.Duration, err error) {
	if s := h.Get(headerTimeout); s != "" {
		us, err := strconv.ParseInt(s, 10, 64)
		if err != nil || us <= 0 {
			return 0, fmt.Errorf("the header %s is %.40q", headerTimeout, s)
		}
		timeout = time.Duration(min(us, maxTimeout.Microseconds())) * time.Microsecond
	}
	skew := d.b.n.cfg.ClockSkew
	if s := h.Get(headerExpires); s != "" && skew >= 0 {
		ms, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the header %s is %.40q", headerExpires, s)
		}
		if late := time.Since(time.UnixMilli(ms)); late > skew {
			return 0, fmt.Errorf("it came %v after its caller's deadline: %w", late.Round(time.Millisecond), context.DeadlineExceeded)
		}
	}
	return timeout, nil
}

// maxTimeout is that of a caller who has more time.
const maxTimeout = 1000 * time.Hour

// cast hands a cast over and says so.
func (d *desk) cast(ctx context.Context, e *entry, as format, m *nats.Msg) error {
	// A context that has ended waits for no room.
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := e.hand(ctx, as, m.Data); err != nil {
		if actor.OutcomeOf(err) == actor.NotRun && foreign.Is(err, context.Canceled) {
			return actor.ErrMailboxFull
		}
		return err
	}
	d.b.counts.accepted.Add(1)
	d.b.answer(m.Reply, nil, nil)
	return nil
}

// call hands a call over, and has a goroutine wait for what it returns.
func (d *desk) call(ctx context.Context, timeout time.Duration, e *entry, as format, m *nats.Msg) error {
	r := &request{inbox: m.Reply}
	if r.inbox == "" || len(r.inbox) > maxInbox {
		return fmt.Errorf("a call without an inbox to answer to")
	}
	if timeout > 0 {
		r.ctx, r.cancel = context.WithTimeout(ctx, timeout)
	} else {
		r.ctx, r.cancel = context.WithCancel(ctx)
	}
	if err := d.b.open.enter(r); err != nil {
		r.cancel()
		return err
	}
	handed := false
	defer func() {
		if !handed {
			d.b.open.leave(r)
		}
	}()
	f, err := e.hand(r.ctx, as, m.Data)
	if err != nil {
		return err
	}
	handed = true
	d.hands.give(job{d.b, r, e, as, f})
	return nil
}

// refuse answers a request that will not be run.
func (d *desk) refuse(m *nats.Msg, why error) {
	d.b.counts.refused.Add(1)
	d.b.answer(m.Reply, d.b.errorHeader(why, actor.NotRun), nil)
}
