package storm

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// values are those that misbehave. What blocks does so for 40 ms at most: then
// others take their places, and it is released. Only what hold returns blocks for longer.
type values struct {
	mu      sync.Mutex
	errors  []error
	manners []func()
	release []func()
	held    chan struct{} // closed at the end of the world
	holds   atomic.Int32  // how many were given out that block until then

	stop, stopped chan struct{}
}

func newValues() *values {
	v := &values{held: make(chan struct{}), stop: make(chan struct{}), stopped: make(chan struct{})}
	v.renew()
	go func() {
		defer close(v.stopped)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				v.renew()
			case <-v.stop:
				return
			}
		}
	}()
	return v
}

// renew makes new ones and releases those before.
func (v *values) renew() {
	all, free := hostile.Errors()
	release := []func(){free}
	var manners []func()
	for _, name := range hostile.Names {
		m, free := hostile.New(name)
		manners, release = append(manners, m.Act), append(release, free)
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(all)) {
		errs = append(errs, all[name])
	}
	v.mu.Lock()
	old := v.release
	v.errors, v.manners, v.release = errs, manners, release
	v.mu.Unlock()
	for _, free := range old {
		free()
	}
}

// hold returns what blocks until the end of the world. If there are many, it is what blocks for a
// while: each has a goroutine.
func (v *values) hold() (blocks func()) {
	if v.holds.Add(1) > 500 {
		return v.manner(uint64(slices.Index(hostile.Names, "blocks")))
	}
	return func() { <-v.held }
}

// close releases what blocks. What is asked for afterwards does not block any more.
func (v *values) close() {
	close(v.held)
	close(v.stop)
	<-v.stopped
	v.renew()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, free := range v.release {
		free()
	}
}

func (v *values) failure(n uint64) error {

	v.mu.Lock()
	defer v.mu.Unlock()
	return v.errors[n%uint64(len(v.errors))]
}

func (v *values) manner(n uint64) func() {

	v.mu.Lock()
	defer v.mu.Unlock()
	return v.manners[n%uint64(len(v.manners))]
}

// misbehaves says whether a panic is one of hostile's, as it comes to the goroutine that
// brought the value, or package context's about one that is hollow.
func misbehaves(v any) bool {
	switch v {
	case "hostile", "context: internal error: missing cancel error":
		return true
	}
	switch v.(type) {
	case *hostile.Error, hostile.Code, hostile.Word:
		return true
	}
	return false
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// hollow is over and does not say why.
type hollow struct{ context.Context }

func (hollow) Done() <-chan struct{} { return closed }
func (hollow) Err() error            { return nil }

// badHandler is a slog.Handler that misbehaves with some of its records.
type badHandler struct{ v *values }

var errHandler = errors.New("no record")

func (h badHandler) act(r slog.Record) {
	if n := r.Time.UnixNano(); n%8 == 0 {
		h.v.manner(uint64(n / 8))()
	}
}

func (h badHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h badHandler) Handle(_ context.Context, r slog.Record) error {
	h.act(r)
	r.Attrs(func(a slog.Attr) bool { _ = a.String(); return true }) // as a handler does
	return errHandler
}
func (h badHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h badHandler) WithGroup(string) slog.Handler      { return h }
