package checks

import (
	"context"
	"log/slog"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/seam"
)

// insideHistory is a random history of a service, and of the next one when it has ended.
type insideHistory struct {
	t       *rapid.T
	table   *insideTable
	s       *subject
	batched bool
	kept    []actor.Reply[int]
	ends    []context.CancelCauseFunc // of Serve's contexts, the latest last
	cancel  []context.CancelFunc
	all     []*subject
}

func (h *insideHistory) bool(what string) bool { return rapid.Bool().Draw(h.t, what) }

func (h *insideHistory) manner(what string, of ...manner) manner {
	return rapid.SampledFrom(of).Draw(h.t, what)
}

// seldom draws true one time of n.
func (h *insideHistory) seldom(what string, n int) bool {
	return rapid.IntRange(1, n).Draw(h.t, what) == n
}

// begin makes a service with what options come.
func (h *insideHistory) begin() {
	s := &subject{table: h.table}
	options := []actor.Option{actor.WithLogger(slog.New(s)), actor.WithName("subject")}
	if h.bool("a dead-letter hook") {
		options = append(options, actor.WithDeadLetters(s.deadLetter))
	}
	if h.bool("the queue fails") {
		options = append(options, actor.WithQueuePolicy(actor.FailQueue))
	}
	if h.seldom("an interceptor", 4) {
		options = append(options, actor.WithInterceptor(s.intercept))
	}
	if h.batched = h.seldom("a batch", 4); h.batched {
		options = append(options, actor.WithBatch(3, s.commit))
	}
	switch rapid.IntRange(0, 5).Draw(h.t, "a bound") {
	case 0:
		options = append(options, actor.WithCapacity(2))
	case 1:
		options = append(options, actor.WithCapacity(2), actor.WithOverflow(actor.DropOldest))
	}
	s.svc = actor.New(s.build, options...)
	h.s, h.ends, h.kept = s, nil, nil
	h.all = append(h.all, s)
	h.serve()
}

// serve serves it, as a supervisor or directly. It is refused if it is being served.
func (h *insideHistory) serve() {
	s := h.s
	builds := h.manner("the constructor", returns, returns, returns, returns, returns, returns, fails, hangs,
		panics, panicsLook, panicsOut, goexits, exits, hangsFirst)
	closes := h.manner("Close", returns, returns, returns, fails, hangs, panics, panicsOut, goexits, hangsFirst)
	late := h.seldom("it begins late", 4)
	s.mu.Lock()
	s.builds, s.closes, s.stepHang = builds, closes, late
	s.mu.Unlock()
	ctx := context.WithValue(context.Background(), bornKey{}, s.cuts.Load())
	ctx = seam.WithProbe(ctx, func(_ string, in seam.Insider) { s.in.Store(&in) })
	if h.seldom("a scheduler", 4) {
		ctx = seam.With(ctx, s)
	}
	ctx, end := context.WithCancelCause(ctx)
	h.ends = append(h.ends, end)
	if !h.seldom("directly", 4) {
		ctx = actor.Supervised(ctx, "")
	}
	go s.svc.Serve(ctx)
}

// within draws a context for what waits.
func (h *insideHistory) within() context.Context {
	n := rapid.IntRange(0, 3).Draw(h.t, "context")
	if n == 3 {
		return context.Background()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	h.cancel = append(h.cancel, cancel)
	if n < 2 {
		return askedContext{ctx, h.s}
	}
	return ctx
}

// closure draws how a closure ends.
func (h *insideHistory) closure() manner {
	return h.manner("the closure", returns, returns, returns, fails, hangs, hangs, hangs, panics, panicsLook,
		panicsOut, goexits, exits, exitsBadly, hangsFirst)
}

// act has one thing happen.
func (h *insideHistory) act() {
	s := h.s
	switch rapid.IntRange(0, 19).Draw(h.t, "action") {
	case 0, 1, 2:
		h.send()
	case 3, 4, 5:
		h.call()
	case 6, 7, 8:
		s.open(rapid.IntRange(0, 3).Draw(h.t, "gate"))
	case 9:
		s.cuts.Add(1) // if its context ends
		ctx := h.within()
		go s.svc.Stop(ctx)
	case 10:
		h.cut()
	case 11:
		go s.svc.Abandon() // it waits for hooks
	case 12, 13:
		h.serve()
	case 14:
		end := h.ends[len(h.ends)-1]
		if h.bool("to restart") {
			end(actor.Restart)
		} else {
			s.cuts.Add(1) // when the time for draining is over
			end(nil)
		}
	case 15:
		h.inspect()
	case 16:
		h.pause()
	case 17: // the callers that wait have gone
		h.cancelAll()
	case 18: // a call waits for its turn until the service drains
		m, ctx := h.closure(), h.within()
		s.svc.Do(func(x *thing) { x.ran(hangs) })
		go s.svc.Run(ctx, func(x *thing) error { return x.ran(m) })
		synctest.Wait()
		s.cuts.Add(1)
		go s.svc.Stop(context.Background())
	case 19:
		time.Sleep(time.Duration(rapid.IntRange(1, 12).Draw(h.t, "half seconds")) * time.Second / 2)
	}
}

// send hands over something that no caller waits for.
func (h *insideHistory) send() {
	s, m := h.s, h.closure()
	switch rapid.IntRange(0, 4).Draw(h.t, "form") {
	case 0:
		s.svc.Do(func(x *thing) { x.ran(m) })
	case 1, 2:
		ctx := h.within()
		go s.svc.DoContext(ctx, func(ctx context.Context, x *thing) { x.ranIn(ctx, m) })
	case 3:
		s.svc.After(time.Second, func(x *thing) { x.ran(m) })
	case 4:
		work := func(context.Context) (int, error) { return 0, s.finish(m) }
		actor.Pipe(s.svc, work, func(x *thing, _ int, _ error) { x.ran(returns) })
	}
}

// call hands over something that a caller waits for.
func (h *insideHistory) call() {
	s, m, ctx := h.s, h.closure(), h.within()
	switch form := rapid.IntRange(0, 5).Draw(h.t, "form"); {
	case form == 0:
		go actor.Call(ctx, s.svc, func(x *thing) (int, error) { return 0, x.ran(m) })
	case form == 1, form == 2 && !h.batched:
		go actor.CallContext(ctx, s.svc, func(ctx context.Context, x *thing) (int, error) { return 0, x.ranIn(ctx, m) })
	case form == 2:
		go actor.CallBatched(ctx, s.svc, func(x *thing) (int, error) { return 0, x.ran(m) })
	case form == 3:
		actor.Async(s.svc, func(x *thing) (int, error) { return 0, x.ran(m) })
	case form == 4:
		go actor.CallLater(ctx, s.svc, func(ctx context.Context, x *thing, r actor.Reply[int]) {
			r.Answer(1, nil)
			x.ranIn(ctx, m)
		})
	default:
		go actor.CallLater(ctx, s.svc, func(ctx context.Context, x *thing, r actor.Reply[int]) {
			s.mu.Lock()
			h.kept = append(h.kept, r)
			s.mu.Unlock()
			x.ranIn(ctx, m)
		})
	}
}

// cut takes the service from its incarnation.
func (h *insideHistory) cut() {
	s := h.s
	hang, goOn := h.seldom("the hook hangs", 3), h.bool("to go on")
	s.mu.Lock()
	s.hookHang = hang
	s.mu.Unlock()
	s.cuts.Add(1)
	if h.seldom("Kill", 4) {
		go s.svc.Kill()
	} else {
		go s.svc.CutOff(goOn)
	}
}

// inspect looks at T between two closures.
func (h *insideHistory) inspect() {
	s, m, ctx := h.s, h.manner("the inspection", returns, hangs, hangs, panics, goexits), h.within()
	if h.seldom("a view", 4) {
		actor.NewView(s.svc, func(x *thing) int { s.look("a view"); s.finish(m); return 0 })
		return
	}
	go actor.Inspect(ctx, s.svc, func(x *thing) int {
		s.at("an inspection", x.born, "between", "held")
		s.finish(m)
		return 0
	})
}

func (h *insideHistory) pause() {
	if h.bool("resume") {
		h.s.svc.Resume()
		return
	}
	ctx := h.within()
	go h.s.svc.Pause(ctx)
}

// settled looks when nothing moves any more, and goes on with another service if this one
// has ended.
func (h *insideHistory) settled() {
	synctest.Wait()
	h.s.look("at rest")
	h.judge()
	select {
	case <-h.s.svc.Done():
		if h.bool("another service") {
			h.begin()
			h.settled()
		}
	default:
	}
}

func (h *insideHistory) judge() {
	for _, s := range h.all {
		s.mu.Lock()
		fault := s.fault
		s.mu.Unlock()
		if fault != "" {
			h.t.Fatal(fault)
		}
	}
}

// end ends all that there is.
func (h *insideHistory) end() {
	for _, s := range h.all {
		s.mu.Lock()
		s.over = true
		gates := s.gates
		s.gates = nil
		s.mu.Unlock()
		for _, gate := range gates {
			close(gate)
		}
		s.cuts.Add(1)
		s.svc.Kill()
	}
	synctest.Wait()
	time.Sleep(time.Minute) // what held back records, and what waits for a context
	h.cancelAll()
}

func (h *insideHistory) cancelAll() {
	for _, cancel := range h.cancel {
		cancel()
	}
	h.cancel = nil
}

// ended looks whether all has ended.
func (h *insideHistory) ended() {
	h.judge()
	want := seam.Inside{State: "ended", Phase: "-", Turn: "vacant", Reply: "-"}
	for _, s := range h.all {
		if in := s.in.Load(); in != nil && (*in).Inside() != want {
			h.t.Fatalf("in the end it is %v", (*in).Inside())
		}
		i := s.svc.Info()
		if i.Running != 0 || i.Queued != 0 || i.Accepted != i.Executed+i.Dead+i.Skipped {
			h.t.Fatalf("in the end: %+v", i)
		}
	}
}
