package storm

import (
	"context"
	"strings"

	"github.com/bruskajp/nano_services/actor"
)

// interceptor refuses some closures, and misbehaves with some.
func (w *world) interceptor(c actor.Closure, run func() error) error {
	if !strings.HasSuffix(c.Service(), "around") || c.PC() == 0 || c.Awaited() && c.Own() {
		w.t.Errorf("%s: %s", c.Service(), c)
	}
	l := w.ledgerOf(c.String())
	w.bars(16, l)
	switch n := uint64(w.numbers.Add(1)); n % 16 {
	case 2:
		ctx := c.Context()
		if l != nil { // ctx may misbehave: then it is not known whether the closure begins
			ctx = context.Background()
		}
		c.SetContext(context.WithValue(ctx, ticket{}, n))
	case 0:
		if l != nil { // the error may call Goexit: then it is not known whether there is a dead letter
			return errPlain
		}
		return w.values.failure(n / 16)
	case 1:
		go func() { _ = run() }() // too late, or elsewhere
		return errPlain
	}
	return run()
}

// bars misbehaves once in n, before a closure has begun.
func (w *world) bars(n uint64, l *ledger) {
	if i := uint64(w.numbers.Add(1)); i%n == 0 {
		l.bar(w.values.manner(i / n))
	}
}

// wants is what a filtered interceptor asks first.
func (w *world) wants(sender context.Context) bool {
	w.bars(16, markOf(sender))
	return w.numbers.Add(1)%2 == 0
}

// mark is the key under which a context has the entry of what is sent with it.
type mark struct{}

// marks returns ctx with the entry, if it is for the service with interceptors.
func (e *entry) marks(ctx context.Context, to *target) context.Context {
	if to.name != around {
		return ctx
	}
	return context.WithValue(ctx, mark{}, e)
}

// markOf returns the ledger of what was sent with ctx, or nil. What a closure sends has its
// context, and is not in its ledger.
func markOf(ctx context.Context) *ledger {
	if e, ok := ctx.Value(mark{}).(*entry); ok && e.begun.Load() == 0 {
		return e.of
	}
	return nil
}
