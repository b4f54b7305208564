package actor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// A recording has the next closures, with place and times, and costs nothing afterwards.
func TestRecordTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&plain{}, quiet())
		do(t, svc, func(*plain) {})
		synctest.Wait()
		rec, other := svc.Record(3), svc.Record(1)
		for i := range 5 {
			do(t, svc, func(*plain) { time.Sleep(time.Duration(i+1) * time.Second) })
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
		stop(t, svc)
	})
}

// A recording that is not complete returns what it has.
func TestRecordEndsEarly(t *testing.T) {
	svc := actor.Start(&plain{}, quiet())
	rec := svc.Record(3)
	if err := svc.Run(context.Background(), nothing[plain]); err != nil {
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
	stop(t, svc)
}
