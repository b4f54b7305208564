package actor

import "context"

// Go runs f on a goroutine that the incarnation owns, for what goes on beside the
// service for as long as it lives, such as a loop that reads from a connection and
// hands over what it has read. f does not touch T.
//
// f's context ends when the service begins to drain, and when the incarnation is over;
// then f returns. Stop, and a supervisor that stops the service, wait for that within
// their time; Kill, a restart and a crash do not. Before that f may return nil when it
// has nothing more to do. An error ends the incarnation with that error, as Exit does;
// a panic or runtime.Goexit is a crash of the service, and names f.
//
// The goroutine belongs to the incarnation that calls Go, from its constructor or a
// closure, or, if somebody else calls it, to the present one. Go does not block. It
// returns nil if f runs; ErrStopped, if the service takes nothing new; and
// ErrNotRunning, if no incarnation is running. A nil f panics.
func Go[T any](svc Ref[T], f func(context.Context) error) error {
	if f == nil {
		panic("actor: Go of a nil function")
	}
	s := svc.service()
	w := &work{at: entry(f)}
	in, err := s.host()
	if err == nil {
		w.in = in
		w.ctx = in.castContext(context.Background())
		w.ctx.work = true
		ctx, cancel := context.WithCancelCause(w.ctx)
		w.cancel = cancel
		w.call = func() {
			err := f(ctx)
			if ctx.Err() == nil && err != nil {
				in.exitWith(err)
			}
		}
		if in.undertake(w) {
			return nil
		}
		cancel(ErrStopped)
		err = ErrStopped
	}
	return s.refuse(notRun{w}, err)
}

// notRun is a work that was refused, for the dead-letter hook.
type notRun struct{ w *work }

func (n notRun) run(*incarnation)  {}
func (n notRun) closure() location { return n.w.at }

// drains ends what goes on beside the service, which then takes nothing new; core.mu
// is held.
func (in *incarnation) drains() {
	h := in.owns.Load()
	if h == nil || h == endedHoldings {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for e := h.owned.Front(); e != nil && !h.over; e = e.Next() {
		if w, ok := e.Value.(*work); ok && w.cancel != nil {
			w.cancel(ErrStopped)
		}
	}
}
