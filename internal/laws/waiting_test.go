package laws_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

const (
	notEnded = "actor: has not ended yet"
)

// waitsAt returns when a wait was reported, in seconds after begun, with the ages checked.
func waitsAt(t *testing.T, log *actortest.Records, message string, begun time.Time) (at []int) {
	t.Helper()
	for _, r := range log.With(message) {
		age := r.Time.Sub(begun)
		if got := actortest.Attr(r, "for").Duration(); got != age {
			t.Errorf("at %v the age is %v", age, got)
		}
		at = append(at, int(age/time.Second))
	}
	return at
}

// sleeper is a T whose constructor, closures, view and Close take their time.
type sleeper struct{ close time.Duration }

func (s *sleeper) Close() error { time.Sleep(s.close); return nil }

// What Stop waits for is reported after 5 s, and then at doubled times, at most 8 times,
// with its function and line; and not when it is cut off, which is logged.
func TestL11WaitOfStopIsReported(t *testing.T) {
	const long = 3 * time.Hour
	eight := []int{5, 10, 20, 40, 80, 160, 320, 640}
	within := func(d time.Duration) func() (context.Context, context.CancelFunc) {
		return func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), d)
		}
	}
	forEver := func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) }
	for _, row := range []struct {
		name    string
		do      func(t *testing.T, svc *actor.Service[sleeper])
		close   time.Duration
		ctx     func() (context.Context, context.CancelFunc)
		running string
		want    []int
	}{
		{"a closure", func(t *testing.T, svc *actor.Service[sleeper]) {
			actortest.Do(t, svc, func(*sleeper) { time.Sleep(long) })
		}, 0, forEver, "TestL11WaitOfStopIsReported.func", eight},
		{"a closure that takes 5 s", func(t *testing.T, svc *actor.Service[sleeper]) {
			actortest.Do(t, svc, func(*sleeper) { time.Sleep(5*time.Second - 1) })
		}, 0, forEver, "", nil},
		{"Close", func(*testing.T, *actor.Service[sleeper]) {}, 25 * time.Second, forEver, "(*sleeper).Close", []int{5, 10, 20}},
		{"work", func(t *testing.T, svc *actor.Service[sleeper]) {
			work := func(context.Context) (int, error) { time.Sleep(15 * time.Second); return 0, nil }
			if err := actor.Pipe(svc, work, func(*sleeper, int, error) {}); err != nil {
				t.Error(err)
			}
		}, 0, forEver, "TestL11WaitOfStopIsReported.func", []int{5, 10}},
		{"a view", func(t *testing.T, svc *actor.Service[sleeper]) {
			actor.NewView(svc, func(*sleeper) int { time.Sleep(15 * time.Second); return 0 })
		}, 0, forEver, "TestL11WaitOfStopIsReported.func", []int{5, 10}},
		{"until the context ends", func(t *testing.T, svc *actor.Service[sleeper]) {
			actortest.Do(t, svc, func(*sleeper) { time.Sleep(long) })
		}, 0, within(20 * time.Second), "TestL11WaitOfStopIsReported.func", []int{5, 10}},
		{"until the context ends after 5 s", func(t *testing.T, svc *actor.Service[sleeper]) {
			actortest.Do(t, svc, func(*sleeper) { time.Sleep(long) })
		}, 0, within(5 * time.Second), "", nil},
	} {
		stop := func(t *testing.T, times int) {
			var log actortest.Records
			svc := actor.Start(&sleeper{row.close}, log.Option())
			row.do(t, svc)
			synctest.Wait()
			begun := time.Now()
			var stops []<-chan error
			for range times {
				ctx, cancel := row.ctx()
				defer cancel()
				stops = append(stops, pending(func() error { return svc.Stop(ctx) }))
			}
			for _, stopped := range stops {
				<-stopped
			}
			time.Sleep(long)
			if got := waitsAt(t, &log, notEnded, begun); !slices.Equal(got, row.want) {
				t.Errorf("%d wait: reported at %v: want %v", times, got, row.want)
			}
			for _, r := range log.With(notEnded) {
				if running := actortest.Attr(r, "running").String(); !strings.Contains(running, row.running) || !strings.Contains(running, ".go:") {
					t.Errorf("what runs is %q", running)
				}
			}
		}
		t.Run(row.name, func(t *testing.T) {
			for _, times := range []int{1, 3} { // however many wait, one report
				synctest.Test(t, func(t *testing.T) { stop(t, times) })
			}
		})
	}
}

// pending runs f on a goroutine and returns where its result comes.
func pending(f func() error) <-chan error {
	c := make(chan error, 1)
	go func() { c <- f() }()
	return c
}

// Serve without a supervisor waits for its drain time, and its context's end is a stop.
func TestL11WaitOfServeIsReported(t *testing.T) {
	for _, row := range []struct {
		drain time.Duration
		want  []int
	}{{time.Minute, []int{5, 10, 20, 40}}, {5 * time.Second, nil}} {
		t.Run(fmt.Sprint(row.drain), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log actortest.Records
				svc := actor.New(func(context.Context) (*sleeper, error) { return &sleeper{}, nil },
					log.Option(), actor.WithDrainTime(row.drain))
				ctx, cancel := context.WithCancel(t.Context())
				served := actortest.Serve(ctx, svc)
				actortest.Do(t, svc, func(*sleeper) { time.Sleep(time.Hour) })
				synctest.Wait()
				begun := time.Now()
				cancel()
				<-served
				if got := waitsAt(t, &log, notEnded, begun); !slices.Equal(got, row.want) {
					t.Errorf("reported at %v: want %v", got, row.want)
				}
			})
		})
	}
}

// Who does not wait is not told that it waits: a service that stops itself, and Kill.
func TestL11WhoDoesNotWaitIsNotReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		for name, end := range map[string]func(svc *actor.Service[sleeper]){
			"itself": func(svc *actor.Service[sleeper]) {
				actortest.Do(t, svc, func(*sleeper) {
					if err := svc.Stop(context.Background()); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Hour)
				})
			},
			"Kill": func(svc *actor.Service[sleeper]) {
				actortest.Do(t, svc, func(*sleeper) { time.Sleep(time.Hour) })
				synctest.Wait()
				svc.Kill()
			},
		} {
			end(actor.Start(&sleeper{}, log.Option()))
			time.Sleep(2 * time.Hour)
			if n := len(log.With(notEnded)); n > 0 {
				t.Errorf("%s: %d reports", name, n)
			}
		}
	})
}
