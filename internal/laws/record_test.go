package laws_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A recording has the next closures, with place and times, and costs nothing afterwards.
func TestRecordTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actortest.Do(t, svc, func(*actortest.Plain) {})
		synctest.Wait()
		rec, other := svc.Record(3), svc.Record(1)
		for i := range 5 {
			actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(time.Duration(i+1) * time.Second) })
		}
		cs, err := rec.Wait(ctx)
		if err != nil || len(cs) != 3 {
			t.Fatalf("%v, %v", cs, err)
		}
		for i, c := range cs {
			if c.Run != time.Duration(i+1)*time.Second || c.Wait != time.Duration(i*(i+1)/2)*time.Second || c.Site == "" ||
				!strings.Contains(c.Func, "TestRecordTheNext") {
				t.Errorf("%d: %v", i, c)
			}
		}
		if cs, err := other.Wait(ctx); err != nil || len(cs) != 1 {
			t.Errorf("%v, %v", cs, err)
		}
		if svc.History() != nil {
			t.Error("the history is on")
		}
		actortest.Stop(t, svc)
	})
}

// A recording that is not complete returns what it has.
func TestRecordEndsEarly(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	rec := svc.Record(3)
	if err := svc.Run(context.Background(), actortest.Nothing[actortest.Plain]); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if cs, err := rec.Wait(ctx); len(cs) != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", cs, err)
	}
	rec.Stop()
	rec.Stop()
	if cs, err := rec.Wait(context.Background()); len(cs) != 1 || err != nil {
		t.Errorf("stopped: %v, %v", cs, err)
	}
	actortest.Stop(t, svc)
}

// One among many costs the same to begin and to end as the first, and has the closures that
// begin after it, not the one that runs.
func TestRecordBesideOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		var many []*actor.Recording
		for range 1000 {
			many = append(many, svc.Record(3))
		}
		gate := make(chan struct{})
		actortest.Do(t, svc, func(*actortest.Plain) { <-gate })
		synctest.Wait()
		late := svc.Record(1)
		if n := testing.AllocsPerRun(10, func() { svc.Record(1).Stop() }); n > 10 {
			t.Errorf("%v allocations", n)
		}
		close(gate)
		if err := svc.Run(t.Context(), func(*actortest.Plain) error { time.Sleep(time.Second); return nil }); err != nil {
			t.Fatal(err)
		}
		if cs, err := late.Wait(t.Context()); err != nil || len(cs) != 1 || cs[0].Run != time.Second {
			t.Errorf("%v, %v", cs, err)
		}
		for _, r := range many {
			if r.Stop(); t.Failed() {
				break
			}
			if cs, err := r.Wait(t.Context()); len(cs) != 2 || err != nil {
				t.Errorf("%v, %v", cs, err)
			}
		}
		actortest.Stop(t, svc)
	})
}

// A Wait that gives up ends the recording.
func TestRecordGivenUp(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	rec := svc.Record(2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if cs, err := rec.Wait(ctx); len(cs) != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", cs, err)
	}
	if err := svc.Run(t.Context(), actortest.Nothing[actortest.Plain]); err != nil {
		t.Fatal(err)
	}
	if cs, err := rec.Wait(ctx); len(cs) != 0 || err != nil {
		t.Errorf("after that: %v, %v", cs, err)
	}
	actortest.Stop(t, svc)
}

// between is a context that has ended, and does something when it is asked why.
type between struct {
	context.Context
	does func()
}

func (b between) Err() error { b.does(); return b.Context.Err() }

// A Wait that gives up as the recording becomes complete, or is stopped, has what there is,
// and no error: it is not the one that has ended it.
func TestRecordEndsAsItsWaitGivesUp(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	run := func() {
		if err := svc.Run(t.Context(), actortest.Nothing[actortest.Plain]); err != nil {
			t.Error(err)
		}
	}
	for name, row := range map[string]struct {
		does func(*actor.Recording)
		want int
		err  error
	}{
		"the last closure": {func(*actor.Recording) { run() }, 2, nil},
		"Stop":             {func(rec *actor.Recording) { rec.Stop() }, 1, nil},
		"nothing":          {func(*actor.Recording) {}, 1, context.Canceled},
	} {
		rec := svc.Record(2)
		run()
		cs, err := rec.Wait(between{ended, func() { row.does(rec) }})
		if len(cs) != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %v, %v", name, cs, err)
		}
	}
	actortest.Stop(t, svc)
}
