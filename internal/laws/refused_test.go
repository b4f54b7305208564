package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// refusedHere is a closure that is to be refused, with a name to be reported.
func refusedHere(*actortest.Plain) {}

// A refused Do or DoContext is an error, and counted, logged and shown to the
// hook: who ignores the error loses a closure visibly.
func TestL3RefusedIsVisible(t *testing.T) {
	expired, cancel := context.WithCancel(context.Background())
	cancel()
	viaDo := func(svc *actor.Service[actortest.Plain]) error { return svc.Do(refusedHere) }
	viaContext := func(svc *actor.Service[actortest.Plain]) error {
		return svc.DoContext(expired, func(context.Context, *actortest.Plain) {})
	}
	rows := []struct {
		name string
		full bool
		send func(*actor.Service[actortest.Plain]) error
		want error
		fn   string
	}{
		{"Do, full", true, viaDo, actor.ErrMailboxFull, "refusedHere"},
		{"Do, stopped", false, viaDo, actor.ErrStopped, "refusedHere"},
		{"DoContext, full", true, viaContext, context.Canceled, "TestL3RefusedIsVisible.func"},
		{"DoContext, stopped", false, viaContext, actor.ErrStopped, "TestL3RefusedIsVisible.func"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var dead actortest.Letters
			var log actortest.Records
			svc := actor.Start(&actortest.Plain{}, actor.WithCapacity(1), dead.Option(), log.Option())
			var b *actortest.Blocker[actortest.Plain]
			if row.full {
				b = actortest.Occupy(t, svc)
				actortest.Do(t, svc, func(*actortest.Plain) {})
			} else {
				actortest.Stop(t, svc)
			}
			err := row.send(svc)
			if !errors.Is(err, row.want) || !errors.Is(err, actor.ErrNotRun) {
				t.Errorf("err = %v; want %v", err, row.want)
			}
			if n := svc.Info().Refused; n != 1 {
				t.Errorf("%d refused", n)
			}
			if d := dead.List(); len(d) != 1 || !d[0].Refused || d[0].Call || !errors.Is(d[0].Reason, row.want) ||
				d[0].Service != "Plain" || !strings.Contains(d[0].Func, row.fn) ||
				!strings.HasSuffix(d[0].File, "refused_test.go") || d[0].Line == 0 {
				t.Errorf("dead letters %+v", d)
			}
			if l := log.With("actor: closure refused"); len(l) != 1 || l[0].Level != slog.LevelWarn ||
				!strings.Contains(actortest.Attr(l[0], "closure").String(), row.fn) {
				t.Errorf("logged %v", l)
			}
			if b != nil {
				b.LetGo()
				actortest.Stop(t, svc)
			}
			actortest.Balanced(t, svc.Info())
		})
	}
}

// Refusals are logged once a second at the most; each record tells how many there
// were since the last one.
func TestL3RefusalsLoggedAtALimitedRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		svc := actor.Start(&actortest.Plain{}, log.Option())
		actortest.Stop(t, svc)
		const seconds, perSecond = 5, 100
		for range seconds * perSecond {
			if err := svc.Do(refusedHere); err != actor.ErrStopped {
				t.Fatal(err)
			}
			time.Sleep(time.Second / perSecond)
		}
		found := log.With("actor: closure refused")
		if len(found) != seconds {
			t.Fatalf("%d records in %d seconds", len(found), seconds)
		}
		for i, rec := range found {
			want := uint64(perSecond)
			if i == 0 {
				want = 1
			}
			if n := actortest.Attr(rec, "count").Any(); n != want {
				t.Errorf("record %d counts %v; want %d", i, n, want)
			}
		}
	})
}

// Refusals of many goroutines at once are all counted and all shown.
func TestL3RefusalsOfManySenders(t *testing.T) {
	var dead actortest.Letters
	svc := actor.Start(&actortest.Plain{}, actor.WithCapacity(1), dead.Option(), actortest.Quiet())
	b := actortest.Occupy(t, svc)
	actortest.Do(t, svc, func(*actortest.Plain) {})
	const senders, each = 8, 100
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range each {
				if err := svc.Do(refusedHere); err != actor.ErrMailboxFull {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n, shown := svc.Info().Refused, len(dead.List()); n != senders*each || shown != senders*each {
		t.Errorf("%d counted, %d shown; want %d", n, shown, senders*each)
	}
	b.LetGo()
	actortest.Stop(t, svc)
}

// A refused call is counted, too. It is not shown: its caller cannot ignore it.
func TestL3RefusedCallIsCounted(t *testing.T) {
	var dead actortest.Letters
	svc := actor.Start(&actortest.Plain{}, dead.Option(), actortest.Quiet())
	actortest.Stop(t, svc)
	for i, w := range calls[actortest.Plain]() {
		if err := w.run(t.Context(), svc, refusedHere); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("%s: %v", w.name, err)
		}
		if n := svc.Info().Refused; n != uint64(i)+1 {
			t.Errorf("%s: %d refused", w.name, n)
		}
	}
	if d := dead.List(); len(d) != 0 {
		t.Errorf("dead letters %+v", d)
	}
}
