package laws_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// talk is a call on its way through the table of reply.go, on a service that may
// be kept busy.
type talk struct {
	t      *testing.T
	svc    plainService
	cancel context.CancelFunc // of the caller's context
	busy   *actortest.Blocker[actortest.Plain]
	gate   chan struct{} // lets the closure of the call go on
	finish func()
	ran    int
	err    error
	over   chan struct{} // the call has been answered
}

func (k *talk) closure(*actortest.Plain) (int, error) {
	k.ran++
	<-k.gate
	if k.finish != nil {
		k.finish()
	}
	return 7, nil
}

func (k *talk) start() {
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel = cancel
	k.over = make(chan struct{})
	go func() {
		defer close(k.over)
		var n int
		if n, k.err = actor.Call(ctx, k.svc, k.closure); k.err == nil && n != 7 {
			k.t.Errorf("the answer is %d", n)
		}
	}()
	synctest.Wait()
}

// replyTable is the table of reply.go, row by row. In state queued the service is
// busy with something else, in running with the call.
var replyTable = []struct {
	state, event string
	queued       bool
	do           func(*talk)
	want         error
	outcome      actor.Outcome
	ran          int    // times
	skipped      uint64 // calls
}{
	{"queued", "its turn", true, func(k *talk) { k.busy.LetGo(); close(k.gate) }, nil, actor.Ran, 1, 0},
	{"queued", "its context ends, its turn", true, func(k *talk) {
		k.cancel()
		<-k.over
		k.busy.LetGo()
	}, context.Canceled, actor.NotRun, 0, 1},
	{"queued", "will not run", true, func(k *talk) { k.svc.Kill() }, actor.ErrStopped, actor.NotRun, 0, 0},
	{"queued", "its context ends", true, func(k *talk) { k.cancel() }, context.Canceled, actor.NotRun, 0, 0},
	{"queued", "its context ends, will not run", true, func(k *talk) {
		k.cancel()
		<-k.over
		k.svc.Kill()
	}, context.Canceled, actor.NotRun, 0, 1},
	{"running", "the closure returns", false, func(k *talk) { close(k.gate) }, nil, actor.Ran, 1, 0},
	{"running", "the closure panics", false, func(k *talk) {
		k.finish = func() { panic(context.Canceled) }
		close(k.gate)
	}, context.Canceled, actor.Crashed, 1, 0},
	{"running", "the closure calls Goexit", false, func(k *talk) {
		k.finish = runtime.Goexit
		close(k.gate)
	}, actor.ErrGoexit, actor.Crashed, 1, 0},
	{"running", "the service is cut off", false, func(k *talk) { k.svc.Kill() },
		actor.ErrStopped, actor.Unknown, 1, 0},
	{"running", "its context ends", false, func(k *talk) { k.cancel() },
		context.Canceled, actor.Unknown, 1, 0},
	{"running", "its context ends, the closure returns", false, func(k *talk) {
		k.cancel()
		<-k.over
		close(k.gate)
	}, context.Canceled, actor.Unknown, 1, 0},
	{"running", "its context ends, the closure crashes", false, func(k *talk) {
		k.cancel()
		<-k.over
		k.finish = func() { panic("late") }
		close(k.gate)
	}, context.Canceled, actor.Unknown, 1, 0},
}

func TestSTATEReply(t *testing.T) {
	for _, row := range replyTable {
		t.Run(row.state+": "+row.event, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &talk{t: t, svc: actor.Start(&actortest.Plain{}, actortest.Quiet()), gate: make(chan struct{})}
				if row.queued {
					k.busy = actortest.Occupy(t, k.svc)
				}
				k.start()
				row.do(k)
				synctest.Wait()
				if actortest.IsOpen(k.over) {
					t.Error("not answered")
				} else if row.want == nil && k.err != nil {
					t.Errorf("the error is %v", k.err)
				} else if row.want != nil {
					actortest.Within(t, "the call", k.err, row.want, row.outcome)
				}
				if i := k.svc.Info(); i.Skipped != row.skipped {
					t.Errorf("%d were skipped: %+v", i.Skipped, i)
				}
				k.settle(row.ran)
			})
		})
	}
}

// settle ends whatever is still there, and looks how often the closure ran.
func (k *talk) settle(want int) {
	k.cancel()
	for _, c := range []chan struct{}{k.gate, k.release()} {
		if actortest.IsOpen(c) {
			close(c)
		}
	}
	synctest.Wait()
	if k.ran != want {
		k.t.Errorf("the closure ran %d times", k.ran)
	}
	k.svc.Kill()
	synctest.Wait()
	actortest.Balanced(k.t, k.svc.Info())
}

func (k *talk) release() chan struct{} {
	if k.busy == nil {
		return k.gate
	}
	return k.busy.Release
}

// The row that needs two: an Await that is refused takes a queued call back.
func TestSTATEReplyTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("self")
		var f *actor.Future[int]
		actortest.Do(t, svc, func(*actortest.Plain) {
			f = actor.Async(svc, func(*actortest.Plain) (int, error) { t.Error("it ran"); return 0, nil })
			_, err := f.Await(context.Background())
			actortest.Within(t, "Await", err, actor.ErrSelfCall, actor.NotRun)
		})
		synctest.Wait()
		if i := svc.Info(); i.Skipped != 1 || i.Executed != 1 {
			t.Errorf("%+v", i)
		}
		actortest.Stop(t, svc)
	})
}

// All events of a call at once: it has one answer, which fits what happened, and
// what is used again for the next call carries nothing over.
func TestSTATEReplyRaces(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	var wg sync.WaitGroup
	for c := range 4 {
		wg.Go(func() {
			for i := range 500 {
				want := c*1000 + i
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%50)*time.Microsecond)
				got, err := actor.Call(ctx, svc, func(*actortest.Plain) (int, error) { return want, nil })
				cancel()
				switch {
				case err == nil && got != want:
					t.Errorf("asked for %d, got %d", want, got)
				case err != nil && got != 0:
					t.Errorf("an answer and an error: %d, %v", got, err)
				case err != nil && actor.OutcomeOf(err) != actor.NotRun && actor.OutcomeOf(err) != actor.Unknown:
					t.Errorf("the outcome is %v: %v", actor.OutcomeOf(err), err)
				}
			}
		})
	}
	wg.Wait()
	actortest.Stop(t, svc)
	actortest.Balanced(t, svc.Info())
}
