package run

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// line returns the caller's line.
func line() string {
	_, _, line, _ := runtime.Caller(1)
	return fmt.Sprintf(" guide_test.go:%d", line)
}

// at joins an error with the line on which it was caused.
func at(line string, err error) (error, string) { return err, line }

func errorOf[R any](_ R, err error) error { return err }

func errorOfThree[Q, R any](_ Q, _ R, err error) error { return err }

// forms has each form of a method. What is generated is called, and line, on one line.
var forms = []struct {
	name  string
	waits bool
	do    func(ctx context.Context, g GuideCalls, f func()) (err error, line string)
}{
	{"Tell", false, func(_ context.Context, g GuideCalls, f func()) (error, string) { return g.Tell(f), line() }},
	{"TellContext", false, func(ctx context.Context, g GuideCalls, f func()) (error, string) {
		return g.TellContext(ctx, f), line()
	}},
	{"Ask", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) { return g.Ask(ctx, f), line() }},
	{"AskContext", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) { return g.AskContext(ctx, f), line() }},
	{"Get", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) {
		return errorOf(g.Get(ctx, f)), line()
	}},
	{"GetContext", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) {
		return errorOf(g.GetContext(ctx, f)), line()
	}},
	{"Several", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) {
		return errorOfThree(g.Several(ctx, f)), line()
	}},
	{"Later", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) {
		return errorOf(g.Later(f).Await(ctx)), line()
	}},
	{"Batched", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) {
		return errorOf(g.Batched(ctx, f)), line()
	}},
	{"Later by Pipe", true, func(ctx context.Context, g GuideCalls, f func()) (error, string) {
		got := make(chan error, 1)
		self := actor.Start(&Guide{}, actor.WithLogger(silent))
		defer self.Kill()
		err, where := at(line(), actor.Pipe(self, g.Later(f).Await, func(_ *Guide, _ int, err error) { got <- err }))
		return errors.Join(err, <-got), where
	}},
}

// What errors, crashes and histories of a generated service name is the line of who
// called its method, whether it was called through the interface or embedded.
func TestGuideNamesItsCallers(t *testing.T) {
	for _, form := range forms {
		for name, wrap := range map[string]func(GuideService) GuideCalls{
			"interface": func(g GuideService) GuideCalls { return g },
			"pointer":   func(g GuideService) GuideCalls { return &g },
			"embedded":  func(g GuideService) GuideCalls { return struct{ GuideService }{g} },
		} {
			t.Run(form.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					noBatch := actor.WithBatch(8, func(*Guide) error { return nil })
					svc := NewGuideService(actor.WithLogger(silent), actor.WithHistory(8), noBatch)
					ended, served := make(chan error, 1), context.WithoutCancel(t.Context())
					go func() { ended <- svc.Serve(served) }()
					g := wrap(svc)
					check := func(what, text, line string) {
						if t.Helper(); !strings.Contains(text+";", line+";") {
							t.Errorf("%s: %q, and the call was at %s", what, text, line)
						}
					}
					_, where := form.do(t.Context(), g, func() {})
					synctest.Wait()
					h := svc.History()
					check("the history", h[len(h)-1].Site, where)

					if form.waits && !strings.Contains(form.name, "Pipe") {
						var err error
						_ = svc.Run(t.Context(), func(*Guide) error { err, where = form.do(t.Context(), g, func() {}); return nil })
						var d *actor.DeadlockError
						if !errors.As(err, &d) {
							t.Fatalf("a call of itself: %v", err)
						}
						check("a call of itself", d.Cycle[0].Site, where)
						_ = svc.Do(func(*Guide) { time.Sleep(time.Minute) })
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						err, where = form.do(ctx, g, func() {})
						cancel()
						check("a context that ended", err.Error(), where)
					}

					_, where = form.do(t.Context(), g, func() { panic("crash") })
					if err := <-ended; err == nil {
						t.Error("no crash")
					}
					check("the crash", svc.Info().Crash.Err.Site(), where)
					svc.Kill()
					if form.waits {
						err, where := form.do(t.Context(), g, func() {})
						check("a service that has ended", err.Error(), where)
					}
				})
			})
		}
	}
}
