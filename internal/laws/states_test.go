package laws_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// life is a service on its way through the table of core.go. While it is running
// or draining it is in a closure, until release, and a call is queued behind.
type life struct {
	t       *testing.T
	svc     *actor.Service[actortest.Closable]
	cancel  context.CancelCauseFunc // of Serve's context
	in      context.Context         // the closure's
	gate    chan struct{}
	finish  func() // how the closure ends; may be nil
	queued  *actor.Future[int]
	stopped chan error // of a Stop
}

// What a life begins with.
type birth func(*life, ...actor.Option)

func atPending(l *life, options ...actor.Option) {
	var f actortest.Factory
	l.svc = actor.New(f.Build, append(options, actortest.Quiet())...)
	l.queue()
}

func (l *life) queue() {
	l.queued = actor.Async(l.svc, func(*actortest.Closable) (int, error) { return 7, nil })
}

// work has the service run a closure, with a call behind it.
func (l *life) work() {
	l.gate = make(chan struct{})
	cast := func(ctx context.Context, _ *actortest.Closable) {
		l.in = ctx
		<-l.gate
		if l.finish != nil {
			l.finish()
		}
	}
	if err := l.svc.DoContext(context.Background(), cast); err != nil {
		l.t.Errorf("DoContext = %v", err)
	}
	synctest.Wait()
	l.queue()
}

func (l *life) serve(ctx context.Context) {
	ctx, l.cancel = context.WithCancelCause(ctx)
	actortest.Serve(ctx, l.svc)
	synctest.Wait()
}

func atRunning(l *life, options ...actor.Option) {
	atPending(l, options...)
	l.serve(actortest.Supervised(context.Background()))
	l.work()
}

func atRunningDirectly(l *life, options ...actor.Option) {
	atPending(l, options...)
	l.serve(context.Background())
	l.work()
}

func atRunningStarted(l *life, options ...actor.Option) {
	l.svc = actor.Start(&actortest.Closable{}, append(options, actortest.Quiet())...)
	l.work()
}

func atDraining(l *life, options ...actor.Option) {
	atRunning(l, options...)
	(*life).end(l)
	synctest.Wait()
}

func atDrainingDirectly(l *life, options ...actor.Option) {
	atRunningDirectly(l, options...)
	(*life).end(l)
	synctest.Wait()
}

func atDrainingForGood(l *life, options ...actor.Option) {
	atRunning(l, options...)
	(*life).stop(l)
	synctest.Wait()
}

func atDown(l *life, options ...actor.Option) {
	atPending(l, options...)
	l.svc.Abandon()
	synctest.Wait()
}

func atEnded(l *life, options ...actor.Option) {
	atPending(l, options...)
	l.svc.Kill()
	synctest.Wait()
}

// The events.
func (l *life) served()      { l.serve(actortest.Supervised(context.Background())) }
func (l *life) abandon()     { l.svc.Abandon() }
func (l *life) kill()        { l.svc.Kill() }
func (l *life) cutOff()      { l.svc.CutOff(false) }
func (l *life) cutOffGoOn()  { l.svc.CutOff(true) }
func (l *life) restart()     { l.cancel(actor.Restart) }
func (l *life) end()         { l.cancel(nil) }
func (l *life) timeOver()    { time.Sleep(time.Hour) }
func (l *life) allHasRun()   {}
func (l *life) crash()       { l.finish = func() { panic("boom") } }
func (l *life) goexit()      { l.finish = runtime.Goexit }
func (l *life) exit()        { actor.Exit(l.in, nil) }
func (l *life) exitFailure() { actor.Exit(l.in, errors.New("failure")) }

func (l *life) stop() {
	l.stopped = make(chan error, 1)
	go func() { l.stopped <- l.svc.Stop(context.Background()) }()
}

func (l *life) everything() {
	if err := l.svc.Serve(context.Background()); !errors.Is(err, actor.ErrStopped) {
		l.t.Errorf("Serve = %v", err)
	}
	actortest.Stop(l.t, l.svc)
	l.kill()
	l.abandon()
	l.cutOff()
	l.cutOffGoOn()
}

// What becomes of the queue.
type queueFate string

const (
	kept     queueFate = "kept"
	failed   queueFate = "failed"
	ran      queueFate = "ran"
	answered queueFate = "answered"
)

var fail = []actor.Option{actor.WithQueuePolicy(actor.FailQueue)}

// lifeCycle is the table of core.go, row by row. The closure that is running in
// some of the states returns after now was seen, and before then is.
var lifeCycle = []struct {
	from    string
	birth   birth
	options []actor.Option
	event   string
	do      func(*life)
	now     actor.State
	then    actor.State
	queue   queueFate
}{
	{"pending", atPending, nil, "Serve", (*life).served, actor.Running, actor.Running, ran},
	{"pending", atPending, fail, "Serve, the queue would fail", (*life).served,
		actor.Running, actor.Running, ran},
	{"pending", atPending, nil, "Abandon", (*life).abandon, actor.Down, actor.Down, answered},
	{"pending", atPending, nil, "Stop", (*life).stop, actor.Ended, actor.Ended, answered},
	{"pending", atPending, nil, "Kill", (*life).kill, actor.Ended, actor.Ended, answered},
	{"pending", atPending, nil, "CutOff", (*life).cutOff, actor.Pending, actor.Pending, kept},

	{"running", atRunning, nil, "crash", (*life).crash, actor.Running, actor.Pending, kept},
	{"running", atRunning, nil, "Goexit", (*life).goexit, actor.Running, actor.Pending, kept},
	{"running", atRunning, nil, "Exit", (*life).exit, actor.Running, actor.Pending, kept},
	{"running", atRunning, nil, "Exit, failure", (*life).exitFailure, actor.Running, actor.Pending, kept},
	{"running", atRunning, fail, "crash, the queue fails", (*life).crash,
		actor.Running, actor.Pending, failed},
	{"running", atRunning, fail, "Exit, the queue fails", (*life).exit,
		actor.Running, actor.Pending, failed},
	{"running, directly", atRunningDirectly, nil, "crash", (*life).crash,
		actor.Running, actor.Down, answered},
	{"running, directly", atRunningDirectly, fail, "Exit", (*life).exit,
		actor.Running, actor.Down, answered},
	{"running, started", atRunningStarted, nil, "crash", (*life).crash,
		actor.Running, actor.Ended, answered},
	{"running, started", atRunningStarted, fail, "Exit", (*life).exit,
		actor.Running, actor.Ended, answered},
	{"running", atRunning, nil, "Serve's context, to restart", (*life).restart,
		actor.Running, actor.Pending, kept},
	{"running", atRunning, fail, "Serve's context, to restart, the queue fails", (*life).restart,
		actor.Running, actor.Pending, failed},
	{"running", atRunning, nil, "Serve's context", (*life).end, actor.Draining, actor.Down, ran},
	{"running, directly", atRunningDirectly, nil, "Serve's context", (*life).end,
		actor.Draining, actor.Down, ran},
	{"running", atRunning, nil, "Stop", (*life).stop, actor.Draining, actor.Ended, ran},
	{"running, directly", atRunningDirectly, nil, "Stop", (*life).stop, actor.Draining, actor.Ended, ran},
	{"running, started", atRunningStarted, nil, "Stop", (*life).stop, actor.Draining, actor.Ended, ran},
	{"running", atRunning, nil, "CutOff to go on", (*life).cutOffGoOn, actor.Pending, actor.Pending, kept},
	{"running", atRunning, fail, "CutOff to go on, the queue fails", (*life).cutOffGoOn,
		actor.Pending, actor.Pending, failed},
	{"running", atRunning, nil, "CutOff", (*life).cutOff, actor.Down, actor.Down, answered},
	{"running", atRunning, nil, "Abandon, then a crash", func(l *life) { l.crash(); l.abandon() },
		actor.Running, actor.Down, answered},
	{"running", atRunning, nil, "Kill", (*life).kill, actor.Ended, actor.Ended, answered},
	{"running, started", atRunningStarted, nil, "Kill", (*life).kill, actor.Ended, actor.Ended, answered},

	{"draining", atDraining, nil, "all has run", (*life).allHasRun, actor.Draining, actor.Down, ran},
	{"draining", atDraining, nil, "crash", (*life).crash, actor.Draining, actor.Down, answered},
	{"draining", atDraining, fail, "crash, the queue would fail", (*life).crash,
		actor.Draining, actor.Down, answered},
	{"draining, stopped", atDrainingForGood, nil, "all has run", (*life).allHasRun,
		actor.Draining, actor.Ended, ran},
	{"draining, stopped", atDrainingForGood, nil, "crash", (*life).crash,
		actor.Draining, actor.Ended, answered},
	{"draining, stopped", atDrainingForGood, nil, "Exit", (*life).exit,
		actor.Draining, actor.Ended, answered},
	{"draining", atDraining, nil, "Stop", (*life).stop, actor.Draining, actor.Ended, ran},
	{"draining, directly", atDrainingDirectly, nil, "time over", (*life).timeOver,
		actor.Down, actor.Down, answered},
	{"draining", atDraining, nil, "CutOff", (*life).cutOff, actor.Down, actor.Down, answered},
	{"draining", atDraining, nil, "CutOff to go on", (*life).cutOffGoOn, actor.Down, actor.Down, answered},
	{"draining, stopped", atDrainingForGood, nil, "CutOff", (*life).cutOff,
		actor.Ended, actor.Ended, answered},
	{"draining", atDraining, nil, "Abandon, as if it had been cut off", func(l *life) { l.cutOff(); l.abandon() },
		actor.Down, actor.Down, answered},
	{"draining", atDraining, nil, "Kill", (*life).kill, actor.Ended, actor.Ended, answered},
	{"draining, stopped", atDrainingForGood, nil, "Kill", (*life).kill, actor.Ended, actor.Ended, answered},

	{"down", atDown, nil, "Serve", (*life).served, actor.Running, actor.Running, answered},
	{"down", atDown, nil, "Stop", (*life).stop, actor.Ended, actor.Ended, answered},
	{"down", atDown, nil, "Kill", (*life).kill, actor.Ended, actor.Ended, answered},
	{"down", atDown, nil, "Abandon", (*life).abandon, actor.Down, actor.Down, answered},
	{"ended", atEnded, nil, "anything", (*life).everything, actor.Ended, actor.Ended, answered},
}

func TestSTATELifeCycle(t *testing.T) {
	for _, row := range lifeCycle {
		t.Run(row.from+": "+row.event, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &life{t: t}
				row.birth(l, row.options...)
				row.do(l)
				synctest.Wait()
				l.expect("at once", row.now)
				if l.gate != nil {
					close(l.gate)
				}
				synctest.Wait()
				l.expect("in the end", row.then)
				l.expectQueue(row.queue)
				if l.stopped != nil && len(l.stopped) == 0 {
					t.Error("Stop did not return")
				}
				l.svc.Kill()
				synctest.Wait()
				actortest.Balanced(t, l.svc.Info())
			})
		})
	}
}

// expect checks the state, and what follows from it.
func (l *life) expect(when string, want actor.State) {
	l.t.Helper()
	if got := l.svc.Info().State; got != want {
		l.t.Errorf("%s it is %v, want %v", when, got, want)
	}
	var wantErr error
	if want == actor.Draining || want == actor.Down || want == actor.Ended {
		wantErr = actor.ErrStopped
	}
	if err := l.svc.Do(func(*actortest.Closable) {}); err != wantErr {
		l.t.Errorf("%s, %v: Do = %v, want %v", when, want, err, wantErr)
	}
	if done := !actortest.IsOpen(l.svc.Done()); done != (want == actor.Ended) {
		l.t.Errorf("%s, %v: Done is closed: %v", when, want, done)
	}
}

func (l *life) expectQueue(want queueFate) {
	l.t.Helper()
	if want == kept {
		if !actortest.IsOpen(l.queued.Done()) {
			_, err := l.queued.Await(context.Background())
			l.t.Errorf("the queue was not kept: %v", err)
		}
		l.served() // and runs
		want = ran
	}
	if actortest.IsOpen(l.queued.Done()) {
		l.t.Error("the queued call was not answered")
		return
	}
	n, err := l.queued.Await(context.Background())
	switch want {
	case ran:
		if n != 7 || err != nil {
			l.t.Errorf("the queued call: %v, %v", n, err)
		}
	case failed:
		actortest.Within(l.t, "the queued call", err, actor.ErrRestarted, actor.NotRun)
	case answered:
		actortest.Within(l.t, "the queued call", err, actor.ErrStopped, actor.NotRun)
	}
}

// A state in a word, for those who log it.
func TestSTATEString(t *testing.T) {
	want := "pending running draining down ended"
	got := actor.Pending.String()
	for s := actor.Running; s <= actor.Ended; s++ {
		got += " " + s.String()
	}
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
