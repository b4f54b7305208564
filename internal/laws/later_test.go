package laws_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// desk is a T that answers later.
type desk struct {
	waiting []actor.Reply[int]
}

func (d *desk) take(_ context.Context, r actor.Reply[int]) { d.waiting = append(d.waiting, r) }

// answer answers all that wait.
func (d *desk) answer(n int, err error) (reached int) {
	for _, r := range d.waiting {
		if r.Answer(n, err) {
			reached++
		}
	}
	d.waiting = nil
	return reached
}

func takes(ctx context.Context, d *desk, r actor.Reply[int]) { d.take(ctx, r) }

// later calls a desk from another goroutine, and returns where its answer comes.
func later(ctx context.Context, svc *actor.Service[desk], f func(context.Context, *desk, actor.Reply[int])) <-chan outcome {
	ch := make(chan outcome, 1)
	go func() {
		n, err := actor.CallLater(ctx, svc, f)
		ch <- outcome{n, err}
	}()
	return ch
}

type outcome struct {
	n   int
	err error
}

func (o outcome) want(t testing.TB, what string, n int, err error) {
	t.Helper()
	if o.n != n || o.err != err {
		t.Errorf("%s: %d, %v; want %d, %v", what, o.n, o.err, n, err)
	}
}

// Whoever has the Reply answers: the closure itself, a later one, a goroutine, the
// outcome of work.
func TestLATERAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&desk{}, actortest.Quiet())
		ctx := t.Context()
		(<-later(ctx, svc, func(_ context.Context, _ *desk, r actor.Reply[int]) { r.Answer(1, nil) })).
			want(t, "by the closure", 1, nil)
		a, b := later(ctx, svc, takes), later(ctx, svc, takes)
		synctest.Wait()
		if len(a)+len(b) > 0 {
			t.Error("they were answered already")
		}
		actortest.Do(t, svc, func(d *desk) { d.answer(2, errLost) })
		(<-a).want(t, "by a later closure", 2, errLost)
		(<-b).want(t, "by a later closure", 2, errLost)
		(<-later(ctx, svc, func(_ context.Context, _ *desk, r actor.Reply[int]) {
			time.AfterFunc(time.Hour, func() { r.Answer(3, nil) })
		})).want(t, "by a goroutine", 3, nil)
		(<-later(ctx, svc, func(ctx context.Context, _ *desk, r actor.Reply[int]) {
			_ = actor.PipeContext(ctx, svc, after(time.Second, 4), func(_ context.Context, _ *desk, n int, err error) {
				r.Answer(n, err)
			})
		})).want(t, "by work", 4, nil)
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// The first answer counts, and Answer says so, also when many come at once.
func TestL5OneLaterAnswer(t *testing.T) {
	svc := actor.Start(&desk{}, actortest.Quiet())
	for range 300 {
		var reached atomic.Int32
		var wg sync.WaitGroup
		var won atomic.Int64
		n, err := actor.CallLater(t.Context(), svc, func(_ context.Context, _ *desk, r actor.Reply[int]) {
			for i := range 4 {
				wg.Go(func() {
					if r.Answer(i, nil) {
						reached.Add(1)
						won.Store(int64(i))
					}
				})
			}
		})
		if err := svc.Run(t.Context(), func(*desk) error { return nil }); err != nil {
			t.Fatal(err) // the closure has not returned: it may still start some
		}
		wg.Wait()
		if err != nil || reached.Load() != 1 || won.Load() != int64(n) {
			t.Fatalf("%d, %v; %d answers counted, the last %d", n, err, reached.Load(), won.Load())
		}
	}
	actortest.Stop(t, svc)
}

// A caller whose context has ended is gone: the answer is for nobody.
func TestL5LaterAnswerForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&desk{}, actortest.Quiet())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		o := <-later(ctx, svc, takes)
		actortest.Within(t, "CallLater", o.err, context.DeadlineExceeded, actor.Unknown)
		if n, err := actor.Get(t.Context(), svc, func(d *desk) int { return d.answer(1, nil) }); n != 0 || err != nil {
			t.Errorf("%d answers counted, %v", n, err)
		}
		actortest.Stop(t, svc)
	})
}

// At the latest the end of the incarnation answers, with what is known: the closure
// ran, and was not answered.
func TestL5LaterAnsweredAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, row := range map[string]struct {
			end func(*actor.Service[desk])
			is  error
		}{
			"Stop":      {func(s *actor.Service[desk]) { actortest.Stop(t, s) }, actor.ErrStopped},
			"Kill":      {func(s *actor.Service[desk]) { s.Kill() }, actor.ErrStopped},
			"another's": {func(s *actor.Service[desk]) { actortest.Do(t, s, func(*desk) { panic("crash") }) }, actor.ErrRestarted},
			"CutOff":    {func(s *actor.Service[desk]) { s.CutOff(true) }, actor.ErrRestarted},
		} {
			var reply actor.Reply[int]
			svc := actor.New(func(context.Context) (*desk, error) { return &desk{}, nil }, actortest.Quiet())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			answer := later(t.Context(), svc, func(_ context.Context, _ *desk, r actor.Reply[int]) { reply = r })
			synctest.Wait()
			row.end(svc)
			o := <-answer
			actortest.Within(t, name, o.err, row.is, actor.Unknown)
			if !errors.Is(o.err, actor.ErrUnanswered) || errors.Is(o.err, actor.ErrNotRun) {
				t.Errorf("%s: %v", name, o.err)
			}
			if reply.Answer(1, nil) {
				t.Errorf("%s: a late answer counts", name)
			}
			<-served
			svc.Kill()
			actortest.Balanced(t, svc.Info())
		}
	})
}

// A closure that crashes before the answer has crashed for its caller; what it has
// answered before stands.
func TestL5LaterCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for answered := range 2 {
			svc := actor.Start(&desk{}, actortest.Quiet())
			n, err := actor.CallLater(t.Context(), svc, func(_ context.Context, _ *desk, r actor.Reply[int]) {
				if answered == 1 {
					r.Answer(7, nil)
				}
				panic("crash")
			})
			var p *actor.PanicError
			if answered == 1 && (n != 7 || err != nil) ||
				answered == 0 && (!errors.As(err, &p) || actor.OutcomeOf(err) != actor.Crashed) {
				t.Errorf("%d, %v", n, err)
			}
			<-svc.Done()
		}
	})
}

// A call that does not come to its turn has not run, like any other.
func TestL5LaterNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&desk{}, actortest.Quiet())
		b := actortest.Occupy(t, svc)
		ctx, cancel := context.WithCancel(t.Context())
		answer := later(ctx, svc, func(context.Context, *desk, actor.Reply[int]) { t.Error("it runs") })
		synctest.Wait()
		cancel()
		actortest.Within(t, "context", (<-answer).err, context.Canceled, actor.NotRun)
		b.LetGo()
		actortest.Stop(t, svc)
		actortest.Within(t, "stopped", (<-later(t.Context(), svc, takes)).err, actor.ErrStopped, actor.NotRun)
		actortest.Balanced(t, svc.Info())
	})
}

// An error that the answer carries says nothing of the call itself.
func TestL5LaterOwnError(t *testing.T) {
	svc := actor.Start(&desk{}, actortest.Quiet())
	given := fmt.Errorf("elsewhere: %w", actor.ErrStopped)
	_, err := actor.CallLater(t.Context(), svc, func(_ context.Context, _ *desk, r actor.Reply[int]) { r.Answer(0, given) })
	checkOwn(t, "CallLater", err, given, actor.ErrStopped)
	actortest.Stop(t, svc)
}

// Stop drains: it runs the closure that answers if it was accepted, and waits for
// work that will.
func TestL11LaterIsDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&desk{}, actortest.Quiet())
		b := actortest.Occupy(t, svc)
		first := later(t.Context(), svc, takes)
		synctest.Wait()
		actortest.Do(t, svc, func(d *desk) { d.answer(1, nil) })
		second := later(t.Context(), svc, func(ctx context.Context, _ *desk, r actor.Reply[int]) {
			err := actor.PipeContext(ctx, svc, after(time.Minute, 2), func(_ context.Context, _ *desk, n int, err error) { r.Answer(n, err) })
			if err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		go func() { time.Sleep(time.Second); b.LetGo() }()
		actortest.Stop(t, svc)
		(<-first).want(t, "by a closure", 1, nil)
		(<-second).want(t, "by work", 2, nil)
	})
}

// lose forgets a Reply in a closure.
func lose(context.Context, *desk, actor.Reply[int]) {}

// A Reply that nobody has any more is found after a collection.
func TestL5LostReply(t *testing.T) {
	var log actortest.Records
	svc := actor.Start(&desk{}, log.Option())
	kept := later(t.Context(), svc, takes)
	answer := later(t.Context(), svc, lose)
	actortest.Collected(t, "the lost reply", func() bool { return len(answer) > 0 })
	if o := <-answer; !errors.Is(o.err, actor.ErrUnanswered) || actor.OutcomeOf(o.err) != actor.Unknown || errors.Is(o.err, actor.ErrStopped) {
		t.Errorf("%v", o.err)
	}
	for range 3 {
		runtime.GC()
	}
	if n, err := actor.Get(t.Context(), svc, func(d *desk) int { return d.answer(5, nil) }); n != 1 || err != nil {
		t.Errorf("%d answers counted, %v", n, err)
	}
	(<-kept).want(t, "the one that was kept", 5, nil)
	actortest.Stop(t, svc)
	found := log.With("actor: a Reply was lost")
	if len(found) != 1 || !strings.Contains(actortest.Attr(found[0], "closure").String(), "laws_test.lose") {
		t.Errorf("logged: %v", found)
	}
}

// In a bubble a lost Reply is not found, and nothing bad happens: the end of the
// incarnation answers.
func TestL15LostReplyInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&desk{}, actortest.Quiet())
		answer := later(t.Context(), svc, lose)
		synctest.Wait()
		for range 3 {
			runtime.GC()
		}
		actortest.Stop(t, svc)
		actortest.Within(t, "CallLater", (<-answer).err, actor.ErrUnanswered, actor.Unknown)
	})
	runtime.GC()
}

// A service that waits for a later answer waits, also when the closure has returned:
// a cycle through it is refused.
func TestL10LaterIsAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asker := actor.Start(&actortest.Plain{}, actor.WithName("asker"), actortest.Quiet())
		svc := actor.Start(&desk{}, actor.WithName("desk"), actortest.Quiet())
		asked := actor.Async(asker, func(*actortest.Plain) (int, error) {
			return actor.CallLater(context.Background(), svc, takes)
		})
		synctest.Wait()
		err := svc.Run(t.Context(), func(*desk) error {
			_, err := actor.Get(context.Background(), asker, func(p *actortest.Plain) int { return p.N })
			var deadlock *actor.DeadlockError
			if !errors.As(err, &deadlock) || len(deadlock.Cycle) != 2 || !errors.Is(err, actor.ErrNotRun) {
				t.Errorf("Get = %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		actortest.Do(t, svc, func(d *desk) { d.answer(1, nil) })
		if n, err := asked.Await(t.Context()); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		actortest.Stop(t, asker)
		actortest.Stop(t, svc)
	})
}

func TestL10LaterOfItself(t *testing.T) {
	svc := actor.Start(&desk{}, actortest.Quiet())
	_, err := actor.Call(t.Context(), svc, func(*desk) (int, error) {
		return actor.CallLater(t.Context(), svc, takes)
	})
	if !errors.Is(err, actor.ErrSelfCall) {
		t.Errorf("%v", err)
	}
	actortest.Stop(t, svc)
}

func TestLATERMisusePanics(t *testing.T) {
	svc := actor.Start(&desk{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	var none context.Context
	panicsWith(t, "CallLater of a nil", func() { _, _ = actor.CallLater[desk, int](t.Context(), svc, nil) })
	panicsWith(t, "nil context", func() { _, _ = actor.CallLater(none, svc, takes) })
	panicsWith(t, "zero Reply", func() { actor.Reply[int]{}.Answer(1, nil) })
}

// A T that has ended with a Reply in it is not kept alive by that.
func TestL12UnansweredReplyKeepsNothing(t *testing.T) {
	kept := func() weak.Pointer[desk] {
		d := &desk{}
		svc := actor.Start(d, actortest.Quiet())
		answer := later(t.Context(), svc, takes)
		for i := svc.Info(); i.Executed == 0; i = svc.Info() {
			runtime.Gosched()
		}
		actortest.Stop(t, svc)
		actortest.Within(t, "CallLater", (<-answer).err, actor.ErrUnanswered, actor.Unknown)
		return weak.Make(d)
	}()
	actortest.Collected(t, "the T", func() bool { return kept.Value() == nil })
}
