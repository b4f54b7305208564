package remote

import (
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// reply answers a call with what has become of it.
func (b *Binding) reply(inbox string, e *entry, as format, what actor.Outcome, results any, err error) {
	var payload []byte
	switch what {
	case actor.Ran:
		var failed error
		if payload, failed = as.encode(e.results, results); failed != nil {
			payload, err = nil, lost(err, fmt.Errorf("the results cannot be sent: %w", failed))
		}
	case actor.Crashed:
		if p, ok := foreign.As[*actor.PanicError](err); ok && b.opts.stacks {
			payload = p.Stack()
			payload = payload[:min(len(payload), maxTold)]
		}
	}
	h := b.errorHeader(err, what)
	if l := b.n.link.load(); l != nil && len(payload)+len(h.Get(headerError))+frame > int(l.nc.MaxPayload()) {
		err = lost(err, fmt.Errorf("%w: results of %d bytes", ErrTooLarge, len(payload)))
		payload, h = nil, b.errorHeader(err, what)
	}
	b.answer(inbox, h, payload)
}

// frame is more than the bytes of a header but for its value.
const frame = 64

func (b *Binding) errorHeader(err error, what actor.Outcome) nats.Header {
	if err == nil {
		return nil
	}
	return nats.Header{headerError: {b.errors.tell(err, what)}}
}

// lost is the error of a method that has run, with that of its results, which are lost.
func lost(err, why error) error {
	if err == nil {
		return why
	}
	return fmt.Errorf("%w; %w", err, why)
}

// answer publishes an answer, by the connection that there is now. If that fails, the caller learns
// nothing before its deadline.
func (b *Binding) answer(to string, h nats.Header, payload []byte) {
	if to == "" {
		return
	}
	err := error(ErrDisconnected)
	if l := b.n.link.load(); l != nil {
		err = l.nc.PublishMsg(&nats.Msg{Subject: to, Header: h, Data: payload})
	}
	if err != nil {
		b.counts.unanswered.Add(1)
		b.n.log.Warn("remote: an answer could not be sent", "name", b.name, "error", err)
	}
}
