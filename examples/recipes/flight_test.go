package recipes

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/trace"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Flight is a handler of log records that writes what a flight recorder holds when a
// service crashes: the trace of the moments before.
type Flight struct {
	slog.Handler
	snapshots *snapshots // shared by the handlers that are derived from this one
}

type snapshots struct {
	recorder *trace.FlightRecorder
	sink     io.Writer

	mu     sync.Mutex
	latest time.Time
}

// Enabled wants crashes in any case.
func (h Flight) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError || h.Handler.Enabled(ctx, level)
}

// Handle is called on the goroutine of the crash, after its callers were answered.
func (h Flight) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		h.snapshots.write(r.Time)
	}
	if !h.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// write writes a snapshot, one a minute at most.
func (s *snapshots) write(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.recorder.Enabled() && now.Sub(s.latest) >= time.Minute {
		s.latest = now
		s.recorder.WriteTo(s.sink)
	}
}

func (h Flight) WithAttrs(attrs []slog.Attr) slog.Handler {
	return Flight{h.Handler.WithAttrs(attrs), h.snapshots}
}

func (h Flight) WithGroup(name string) slog.Handler {
	return Flight{h.Handler.WithGroup(name), h.snapshots}
}

// How do I get a trace of what came before a crash?
func Example_flightRecorder() {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	if err := recorder.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer recorder.Stop()
	var file bytes.Buffer // of a program, one that os.Create has made
	log := slog.New(Flight{slog.DiscardHandler, &snapshots{recorder: recorder, sink: &file}})

	divider := actor.Start(&[]int{7, 0}, actor.WithLogger(log))
	divider.Do(func(n *[]int) { (*n)[0] /= (*n)[1] })
	<-divider.Done()

	fmt.Println("a trace:", bytes.HasPrefix(file.Bytes(), []byte("go 1.")))
	// Output:
	// a trace: true
}
