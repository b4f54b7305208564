package laws_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// crowd is a service that runs a blocker, is full, and has senders in line.
type crowd struct {
	svc     *actor.Service[actortest.Closable]
	f       actortest.Factory
	b       *actortest.Blocker[actortest.Closable]
	served  <-chan error
	restart func()
	ran     int        // closures that ran, the blocker not counted
	queued  chan error // of the queued call
	waiting chan error // of those in line: three
}

func newCrowd(t *testing.T, options ...actor.Option) *crowd {
	c := &crowd{queued: make(chan error, 1), waiting: make(chan error, 3)}
	c.svc = actor.New(c.f.Build, append(options, actor.WithCapacity(1), actortest.Quiet())...)
	ctx, cancel := context.WithCancelCause(actortest.Supervised(context.Background()))
	c.restart = func() { cancel(actor.Restart); synctest.Wait() }
	c.served = actortest.Serve(ctx, c.svc)
	c.b = actortest.Occupy(t, c.svc)
	run := func(*actortest.Closable) error { c.ran++; return nil }
	go func() { c.queued <- c.svc.Run(context.Background(), run) }()
	synctest.Wait()
	for i := range cap(c.waiting) {
		go func() {
			if i%2 == 0 {
				c.waiting <- c.svc.Run(context.Background(), run)
			} else {
				cast := func(context.Context, *actortest.Closable) { c.ran++ }
				c.waiting <- c.svc.DoContext(context.Background(), cast)
			}
		}()
	}
	synctest.Wait()
	if i := c.svc.Info(); i.Queued != 1 || len(c.waiting) > 0 {
		t.Errorf("it is no crowd: %+v", i)
	}
	return c
}

// answered demands that everybody in line has been answered by now.
func (c *crowd) answered(t *testing.T, want error) {
	t.Helper()
	synctest.Wait()
	for range cap(c.waiting) {
		select {
		case err := <-c.waiting:
			if want == nil && err != nil {
				t.Errorf("in line: %v", err)
			} else if want != nil {
				actortest.Within(t, "in line", err, want, actor.NotRun)
			}
		default:
			t.Error("somebody is still in line")
		}
	}
}

// What controls a service does not stand in line with what is sent to it: it takes
// effect in a full service that is stuck, and those in line are answered at once.
func TestL14ControlPassesTheLine(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(c *crowd)
		want actor.State
	}{
		{"Stop", func(c *crowd) { go func() { _ = c.svc.Stop(context.Background()) }() }, actor.Draining},
		{"Kill", func(c *crowd) { c.svc.Kill() }, actor.Ended},
		{"CutOff", func(c *crowd) { c.svc.CutOff(false) }, actor.Down},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t)
				test.do(c)
				c.answered(t, actor.ErrStopped) // while the closure still runs
				actortest.InState(t, c.svc, test.want)
				c.b.LetGo()
				<-c.served
				c.svc.Kill()
				if err := <-c.queued; (err == nil) != (test.want == actor.Draining) {
					t.Errorf("the queued call: %v", err)
				}
				actortest.Balanced(t, c.svc.Info())
			})
		})
	}
}

// A restart, a crash and a cut off to go on pass the queue by; those in line stay
// there, since the next incarnation will make room.
func TestL14RestartPassesTheLine(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(c *crowd)
	}{
		{"restart", func(c *crowd) { c.restart(); c.b.LetGo() }},
		{"cut off", func(c *crowd) { c.svc.CutOff(true); c.b.LetGo() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t)
				test.do(c)
				<-c.served
				synctest.Wait()
				if i := c.svc.Info(); i.State != actor.Pending || i.Queued != 1 || c.ran != 0 || len(c.waiting) > 0 {
					t.Errorf("%d ran, %d were answered: %+v", c.ran, len(c.waiting), i)
				}
				again := actortest.Serve(actortest.Supervised(context.Background()), c.svc)
				c.answered(t, nil)
				if err := <-c.queued; err != nil || c.ran != 4 {
					t.Errorf("the queued call: %v; %d ran", err, c.ran)
				}
				actortest.Stop(t, c.svc)
				<-again
				actortest.Balanced(t, c.svc.Info())
			})
		})
	}
}

// If the queue does not survive the restart, its room goes to those in line, and
// they survive.
func TestL14FailedQueueMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, actor.WithQueuePolicy(actor.FailQueue))
		c.restart()
		c.b.LetGo()
		<-c.served
		actortest.Within(t, "the queued call", <-c.queued, actor.ErrRestarted, actor.NotRun)
		again := actortest.Serve(actortest.Supervised(context.Background()), c.svc)
		c.answered(t, nil)
		if c.ran != 3 {
			t.Errorf("%d ran", c.ran)
		}
		actortest.Stop(t, c.svc)
		<-again
		actortest.Balanced(t, c.svc.Info())
	})
}

// A crash that nobody follows up answers those in line at once too, and so does a
// supervisor that abandons the service afterwards.
func TestL14CrashAnswersTheLine(t *testing.T) {
	for _, abandon := range []string{"before", "after"} {
		t.Run(abandon, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.New(new(actortest.Factory).Build, actor.WithCapacity(1), actortest.Quiet())
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				gate := make(chan struct{})
				actortest.Do(t, svc, func(*actortest.Closable) { <-gate; panic("boom") })
				synctest.Wait()
				actortest.Do(t, svc, func(*actortest.Closable) { t.Error("ran") })
				errs := make(chan error, 1)
				cast := func(context.Context, *actortest.Closable) { t.Error("ran") }
				go func() { errs <- svc.DoContext(context.Background(), cast) }()
				synctest.Wait()
				if abandon == "before" {
					svc.Abandon()
				}
				close(gate)
				<-served
				if abandon == "after" {
					svc.Abandon()
				}
				synctest.Wait()
				if len(errs) == 0 {
					t.Fatal("still in line")
				}
				actortest.Within(t, "in line", <-errs, actor.ErrStopped, actor.NotRun)
				actortest.InState(t, svc, actor.Down)
				actortest.Balanced(t, svc.Info())
			})
		})
	}
}
