package laws_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

// An unbounded service is reported each time that what waits has doubled past the
// mark of 16384, and from the mark on again when it has been idle.
func TestDepthIsReportedEachTimeItDoubles(t *testing.T) {
	type thing struct{}
	synctest.Test(t, func(t *testing.T) {
		var log safeBuffer
		svc := actor.Start(new(thing), actor.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		for _, round := range []struct{ closures, reports int }{{10_000, 0}, {70_000, 3}, {20_000, 1}} {
			gate := make(chan struct{})
			for range round.closures {
				if err := svc.Do(func(*thing) { <-gate }); err != nil {
					t.Fatal(err)
				}
			}
			if n := log.count("many closures wait"); n != round.reports {
				t.Errorf("%d closures: %d reports, want %d", round.closures, n, round.reports)
			}
			close(gate)
			synctest.Wait() // the mark is put back when the service goes to sleep
			log.reset()
		}
		if err := svc.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) count(what string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.buf.String(), what)
}

func (b *safeBuffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Reset()
}

func (b *safeBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
