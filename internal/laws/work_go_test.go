package laws_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// feed returns a loop that hands over a number each second.
func feed(svc *actor.Service[basket]) func(context.Context) error {
	return func(ctx context.Context) error {
		for i := 0; ; i++ {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(time.Second):
			}
			if err := svc.Do(func(b *basket) { b.put(i, nil) }); err != nil {
				return err
			}
		}
	}
}

// A goroutine that is owned goes on beside the service. Stop ends it, waits for it, and
// is not troubled by what it returns then.
func TestL11StopEndsWhatGoesOnBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actor.WithPipeLimit(1), actortest.Quiet())
		for range 3 { // they are not counted by the limit of works
			if err := actor.Go(svc, feed(svc)); err != nil {
				t.Error(err)
			}
		}
		left := false
		err := actor.Go(svc, func(ctx context.Context) error {
			<-ctx.Done()
			if context.Cause(ctx) != actor.ErrStopped {
				t.Errorf("cause: %v", context.Cause(ctx))
			}
			time.Sleep(time.Minute)
			left = true
			return errLost
		})
		if err != nil {
			t.Error(err)
		}
		pipe(t, svc, after(time.Second, 100))
		time.Sleep(3*time.Second + 1)
		if n := len(got(t, svc)); n != 10 {
			t.Errorf("%d closures have come", n)
		}
		begin := time.Now()
		actortest.Stop(t, svc)
		elapsed(t, begin, time.Minute)
		if !left || svc.Err() != nil {
			t.Errorf("Stop did not wait: %t, %v", !left, svc.Err())
		}
		if err := actor.Go(svc, feed(svc)); err != actor.ErrStopped {
			t.Errorf("Go = %v", err)
		}
		actortest.Balanced(t, svc.Info())
	})
}

// Each incarnation has its own, from its constructor; a restart ends the one before,
// and waits for nothing.
func TestL8GoroutineOfEachIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var going atomic.Int32
		svc := actor.New(func(ctx context.Context) (*basket, error) {
			err := actor.Go(actor.Self[basket](ctx), func(ctx context.Context) error {
				going.Add(1)
				<-ctx.Done()
				time.Sleep(time.Second)
				going.Add(-1)
				return nil
			})
			return &basket{}, err
		}, actortest.Quiet())
		for range 3 {
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			begin := time.Now()
			actortest.Do(t, svc, func(*basket) { panic("crash") })
			<-served
			elapsed(t, begin, 0)
		}
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		time.Sleep(time.Minute)
		if n := going.Load(); n != 1 {
			t.Errorf("%d go on", n)
		}
		actortest.Stop(t, svc)
		if n := going.Load(); n != 0 {
			t.Errorf("%d go on", n)
		}
	})
}

// An error of it is the service's failure, a panic its crash, and nil is nothing.
func TestL7GoroutineFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, row := range []struct {
			f     func(context.Context) error
			crash any
			err   error
		}{
			{f: func(context.Context) error { return nil }},
			{f: func(context.Context) error { return errLost }, err: errLost},
			{f: func(context.Context) error { panic("loop") }, crash: "loop"},
			{f: func(context.Context) error { runtime.Goexit(); return nil }, crash: actor.ErrGoexit},
		} {
			svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, actortest.Quiet())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			synctest.Wait()
			if err := actor.Go(svc, row.f); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			var p *actor.PanicError
			switch err := svc.Err(); {
			case row.crash != nil:
				if !errors.As(err, &p) || p.Value != row.crash || !strings.Contains(p.Func, "TestL7GoroutineFails") {
					t.Errorf("Err = %v", err)
				}
			case err != row.err:
				t.Errorf("Err = %v, want %v", err, row.err)
			}
			if row.err == nil && row.crash == nil {
				actortest.InState(t, svc, actor.Running)
			}
			actortest.Stop(t, svc)
			<-served
		}
	})
}

// A Stop whose time is over names what goes on beside the service.
func TestL11StopIsCutOffFromAGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&basket{}, actortest.Quiet())
		release := make(chan struct{})
		if err := actor.Go(svc, func(context.Context) error { <-release; return nil }); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := svc.Stop(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "TestL11StopIsCutOffFromAGoroutine") {
			t.Errorf("Stop = %v", err)
		}
		close(release)
	})
}

// However Go races with Stop, what it has accepted is ended and waited for.
func TestL12NoGoroutineIsAccepted(t *testing.T) {
	for round := range 300 {
		svc := actor.Start(&basket{}, actortest.Quiet())
		refused := make(chan int)
		ended := make(chan struct{}, 1_000_000)
		go func() {
			n := 0
			for actor.Go(svc, func(ctx context.Context) error { <-ctx.Done(); ended <- struct{}{}; return nil }) == nil {
				if n++; n%16 == 0 {
					runtime.Gosched()
				}
			}
			refused <- n
		}()
		for range round % 20 {
			runtime.Gosched()
		}
		actortest.Stop(t, svc)
		before := len(ended)
		if n := <-refused; n != before || n != len(ended) {
			t.Fatalf("%d accepted, %d had ended with Stop, %d afterwards", n, before, len(ended))
		}
	}
}

func TestPIPEGoMisuse(t *testing.T) {
	svc := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, actortest.Quiet())
	var zero actor.Service[basket]
	panicsWith(t, "Go of a nil function", func() { _ = actor.Go[basket](svc, nil) })
	panicsWith(t, "is made by Start or New", func() { _ = actor.Go(&zero, feed(svc)) })
	var dead actortest.Letters
	svc2 := actor.New(func(context.Context) (*basket, error) { return &basket{}, nil }, actortest.Quiet(), dead.Option())
	if err := actor.Go(svc2, feed(svc)); err != actor.ErrNotRunning {
		t.Errorf("Go = %v", err)
	}
	if l := dead.List(); len(l) != 1 || !l[0].Refused || svc2.Info().Refused != 1 {
		t.Errorf("%+v", l)
	}
	actortest.Stop(t, svc)
	actortest.Stop(t, svc2)
}
