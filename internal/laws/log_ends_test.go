package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// exiting has each record end the goroutine that writes it, as t.FailNow in the handler of a test.
func exiting() actor.Option {
	m, _ := hostile.New("calls Goexit")
	return actor.WithLogger(slog.New(&hostile.Handler{Manner: m}))
}

// The dead-letter hook is told of a closure that is refused, also if the logger, which is told
// first, ends the sender's goroutine.
func TestL3RefusalWhoseLoggerEndsTheSender(t *testing.T) {
	var letters actortest.Letters
	svc := actor.Start(&actortest.Plain{}, actor.WithCapacity(1), exiting(), letters.Option())
	b := actortest.Occupy(t, svc)
	actortest.Do(t, svc, func(*actortest.Plain) {})
	returned := false
	aside(func() {
		_ = svc.Do(func(*actortest.Plain) {})
		returned = true
	})
	all := letters.List()
	if returned || len(all) != 1 || !all[0].Refused || all[0].Reason != actor.ErrMailboxFull || svc.Info().Refused != 1 {
		t.Errorf("Do returned: %t; the hook got %+v", returned, all)
	}
	b.LetGo()
	actortest.Stop(t, svc)
	actortest.Balanced(t, svc.Info())
}

// Callers whose commit has failed are told so, also if the logger that hears of it ends the
// service's goroutine: that is a crash after their answer.
func TestL5BatchWhoseLoggerEndsTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&store{}, exiting(), actor.WithBatch(9, func(*store) error { return errLost }))
		b := actortest.Occupy(t, svc)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				_, err := actor.CallBatched(context.Background(), svc, func(*store) (int, error) { return 1, nil })
				if !errors.Is(err, errLost) || actor.OutcomeOf(err) != actor.Ran {
					t.Errorf("%v", err)
				}
			})
		}
		synctest.Wait()
		b.LetGo()
		wg.Wait()
		<-svc.Done()
		if err := svc.Err(); !errors.Is(err, actor.ErrGoexit) {
			t.Errorf("Err = %v", err)
		}
		actortest.Balanced(t, svc.Info())
	})
}

// A service that was slow keeps its next closures, also if the logger ends the goroutine of
// the report.
func TestL17SlowReportWhoseLoggerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, exiting(), actor.WithSlowClosure(time.Second))
		actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(5 * time.Second) })
		actortest.Do(t, svc, func(*actortest.Plain) {})
		actortest.Do(t, svc, func(*actortest.Plain) { panic("now") })
		<-svc.Done()
		var crash *actor.PanicError
		if !errors.As(svc.Err(), &crash) || len(crash.History()) < 2 {
			t.Errorf("%v, with %v", svc.Err(), crash.History())
		}
	})
}
