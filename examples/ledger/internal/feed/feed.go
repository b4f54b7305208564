// Package feed tells who asks of the transfers behind the one that they know last.
//
// It has no list of subscribers, and no queue for any of them: whoever has got some
// transfers asks for the next ones. A slow reader gets more of them at once.
package feed

import (
	"context"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/aside"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

//go:generate go tool nanogen -type Feed

// kept is how many transfers are answered from memory; earlier ones, from the books.
const kept = 1000

// most is how many transfers an answer has at most.
const most = 500

// A Feed keeps the latest transfers, and those who wait for the next one.
type Feed struct {
	ctx     context.Context // the incarnation's
	books   store.Books
	last    int64            // ID of the last transfer
	recent  []store.Transfer // up to last, without a gap
	waiting []waiter
}

// A waiter has all transfers up to after.
type waiter struct {
	after  int64
	until  time.Time // when it will have gone; zero: never
	answer func([]store.Transfer, error)
}

// NewFeed returns a feed that begins with the last transfer in the books.
func NewFeed(ctx context.Context, books store.Books) (*Feed, error) {
	last, err := books.Last(ctx)
	return &Feed{ctx: ctx, books: books, last: last}, err
}

// Take takes the next transfer. One that is known already is nothing new. Behind a gap,
// what it lacks is in the books.
func (f *Feed) Take(t store.Transfer) {
	if t.ID <= f.last {
		return
	}
	if t.ID != f.last+1 {
		f.recent = nil
	}
	f.last = t.ID
	f.recent = append(f.recent, t)
	if len(f.recent) >= 2*kept { // seldom, so that it costs nothing
		f.recent = slices.Clone(f.recent[len(f.recent)-kept:])
	}
	waiting := f.waiting
	f.waiting = nil
	for _, w := range waiting {
		f.serve(w)
	}
}

// Ask has answer called with the transfers behind after, at once or when there is one. Who
// does not wait any more at until is forgotten some time later.
//
//nano:skip
func (f *Feed) Ask(after int64, until time.Time, answer func([]store.Transfer, error)) {
	now := time.Now()
	gone := func(w waiter) bool { return !w.until.IsZero() && w.until.Before(now) }
	f.waiting = slices.DeleteFunc(f.waiting, gone)
	f.serve(waiter{after, until, answer})
}

func (f *Feed) serve(w waiter) {
	first := f.last + 1 - int64(len(f.recent)) // that is in memory
	switch {
	case w.after >= f.last:
		f.waiting = append(f.waiting, w)
	case w.after+1 >= first:
		from := f.recent[w.after+1-first:]
		w.answer(slices.Clone(from[:min(most, len(from))]), nil)
	default:
		books := f.books // what runs elsewhere does not touch the feed
		aside.Run(f.ctx, f,
			func(ctx context.Context) ([]store.Transfer, error) { return books.After(ctx, w.after, most) },
			func(_ *Feed, list []store.Transfer, err error) { w.answer(list, err) })
	}
}

// Next returns the transfers behind after, in their order, and at least one: it waits for
// that until ctx ends. If the feed crashes meanwhile, it may be asked again.
func (svc FeedService) Next(ctx context.Context, after int64) ([]store.Transfer, error) {
	return actor.CallLater(ctx, actor.ProxyOf(svc.Service()),
		func(ctx context.Context, f *Feed, reply actor.Reply[[]store.Transfer]) {
			until, _ := ctx.Deadline()
			f.Ask(after, until, func(list []store.Transfer, err error) { reply.Answer(list, err) })
		})
}
