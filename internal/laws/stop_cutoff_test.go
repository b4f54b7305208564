package laws_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A service that is to go on is cut off from what is stuck: its next incarnation
// gets another goroutine and another T, and runs the queue; the old T is closed by
// its own goroutine when that comes back.
func TestL11CutOffToGoOn(t *testing.T) {
	for _, place := range stuckPlaces {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cutOffToGoOn(t, place) })
		})
	}
}

func cutOffToGoOn(t *testing.T, place string) {
	gate, stuck := make(chan struct{}), true
	var all []*closing // touched by one incarnation at a time
	hang := func(in string) {
		if stuck && in == place {
			stuck = false
			<-gate
		}
	}
	svc := actor.New(func(context.Context) (*closing, error) {
		made := &closing{home: goroutine()}
		made.close = func() error { hang("Close"); return nil }
		hang("the constructor")
		all = append(all, made)
		return made, nil
	}, actortest.Quiet())
	old := actortest.Serve(actortest.Supervised(context.Background()), svc)
	running := actor.Async(svc, func(*closing) (int, error) { hang("a closure"); return 0, nil })
	actortest.Do(t, svc, actortest.Panics)
	var ran []int // on which goroutine
	for range 3 {
		actortest.Do(t, svc, func(*closing) { ran = append(ran, goroutine()) })
	}
	synctest.Wait()

	where := svc.CutOff(true)
	if !strings.Contains(where, "cutOffToGoOn.func") && !strings.Contains(where, "(*closing).Close") {
		t.Errorf("CutOff names %q", where)
	}
	actortest.InState(t, svc, actor.Pending)
	if actortest.IsOpen(old) && !actortest.IsOpen(svc.Done()) {
		t.Error("Done is closed")
	}
	if place == "the constructor" { // its T comes later, so this panic is the new one's
		<-actortest.Serve(actortest.Supervised(context.Background()), svc)
	}
	again := actortest.Serve(actortest.Supervised(context.Background()), svc)
	synctest.Wait()
	if place == "a closure" {
		<-again // the panic that was queued behind
		again = actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
	}
	latest := all[len(all)-1]
	if len(ran) != 3 || ran[2] != latest.home {
		t.Errorf("the queue ran on %v, and the next T is on %d", ran, latest.home)
	}

	close(gate) // and the old ones come back
	<-old
	synctest.Wait()
	if len(latest.closed) > 0 {
		t.Error("the new T was closed")
	}
	actortest.InState(t, svc, actor.Running)
	if place == "a closure" {
		_, err := running.Await(context.Background())
		actortest.Within(t, "the call that was running", err, actor.ErrStopped, actor.Unknown)
	}
	actortest.Stop(t, svc)
	<-again
	homes := map[int]bool{}
	for _, made := range all {
		made.closedAtHome(t)
		homes[made.home] = true
	}
	if len(homes) != len(all) {
		t.Errorf("%d T on %d goroutines", len(all), len(homes))
	}
	actortest.Balanced(t, svc.Info())
}

// CutOff to end answers the queue, and the service is down.
func TestL11CutOffToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStuck(t, "a closure")
		served := actortest.Serve(actortest.Supervised(context.Background()), s.svc)
		synctest.Wait()
		if where := s.svc.CutOff(false); !strings.Contains(where, s.where) {
			t.Errorf("CutOff names %q", where)
		}
		actortest.InState(t, s.svc, actor.Down)
		if n := len(s.dead.List()); n != 1 {
			t.Errorf("%d dead letters", n)
		}
		if !actortest.IsOpen(s.svc.Done()) {
			t.Error("Done is closed, and the service may be served again")
		}
		close(s.gate)
		<-served
		s.made().closedAtHome(t)
		actortest.InState(t, s.svc, actor.Down)
	})
}

// CutOff of a service that is not stuck has it end by itself, and names Close, for which that does
// not wait.
func TestL11CutOffWhileParked(t *testing.T) {
	for _, goOn := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			build, made := maker(nil)
			svc := actor.New(build, actortest.Quiet())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			synctest.Wait()
			if where := svc.CutOff(goOn); !strings.Contains(where, "(*closing).Close") {
				t.Errorf("CutOff names %q", where)
			}
			want := actor.Down
			if goOn {
				want = actor.Pending
			}
			actortest.InState(t, svc, want)
			if err := <-served; err != nil {
				t.Errorf("Serve = %v", err)
			}
			made().closedAtHome(t)
			if where := svc.CutOff(goOn); where != "" {
				t.Errorf("CutOff of what has ended names %q", where)
			}
			svc.Kill()
		})
	}
}

// Closures that the service was cut off from are counted as running until they
// return, however many they are.
func TestL11CutOffIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, _ := maker(nil)
		svc := actor.New(build, actortest.Quiet())
		gate := make(chan struct{})
		for n := 1; n <= 3; n++ {
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			actortest.Do(t, svc, func(*closing) { <-gate })
			synctest.Wait()
			svc.CutOff(true)
			if i := svc.Info(); i.Running != n || !actortest.IsOpen(served) {
				t.Errorf("cut off from %d: %+v", n, i)
			}
		}
		close(gate)
		time.Sleep(time.Second)
		if i := svc.Info(); i.Running != 0 || i.Executed != 3 {
			t.Errorf("in the end: %+v", i)
		}
		svc.Kill()
	})
}
