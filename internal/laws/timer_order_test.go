package laws_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Timers that are due at the same instant come in the order in which they were set, whoever
// sets them, those of WhenIdle last, and what is due earlier before.
func TestTIMERInOrder(t *testing.T) {
	for _, opts := range [][]actor.Option{nil, {actor.WithCapacity(2)}, {actor.WithCapacity(100), actor.WithOverflow(actor.DropOldest)}} {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.Start(&noter{}, append(opts, actortest.Quiet())...)
			note := func(name string) func(*noter) { return func(n *noter) { n.names = append(n.names, name) } }
			svc.WhenIdle(3*sec, note("idle"))
			svc.Every(sec, note("every"))
			for i := range 10 {
				svc.After(3*sec, note(fmt.Sprint(i)))
			}
			actortest.Do(t, svc, func(*noter) { svc.After(3*sec, note("inside")) })
			svc.After(2*sec, note("two"))
			time.Sleep(sec)
			svc.After(2*sec, note("late"))
			time.Sleep(2 * sec)
			synctest.Wait()
			want := []string{"every", "every", "two", "every", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "inside", "late", "idle"}
			got, err := actor.Get(context.Background(), svc, func(n *noter) []string { return n.names })
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
			actortest.Stop(t, svc)
		})
	}
}

type noter struct{ names []string }

// What is due at once is in the mailbox, or in its line for room, before After returns,
// and what is due since then before it.
func TestTIMERAtOnceIsBeforeWhatIsSentLater(t *testing.T) {
	for _, opts := range [][]actor.Option{nil, {actor.WithCapacity(1)}, {actor.WithCapacity(100), actor.WithOverflow(actor.DropOldest)}} {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.Start(&noter{}, append(opts, actortest.Quiet())...)
			note := func(name string) func(*noter) { return func(n *noter) { n.names = append(n.names, name) } }
			b := actortest.Occupy(t, svc)
			svc.After(sec, note("due"))
			var sent sync.WaitGroup
			send := func(name string) { // also if it has to wait for room
				sent.Go(func() {
					if err := svc.DoContext(context.Background(), func(_ context.Context, n *noter) { note(name)(n) }); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
			}
			send("first")
			svc.After(0, note("now"))
			svc.After(-sec, note("past"))
			send("second")
			time.Sleep(sec)
			svc.After(0, note("also now"))
			send("third")
			b.LetGo()
			sent.Wait()
			synctest.Wait()
			want := []string{"first", "now", "past", "second", "due", "also now", "third"}
			got, err := actor.Get(context.Background(), svc, func(n *noter) []string { return n.names })
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
			actortest.Stop(t, svc)
		})
	}
}

// setting is a timer of the model: what is known of it, and how far it has come.
type setting struct {
	name  int
	due   time.Duration
	every time.Duration
	timer *actor.Timer
}

// Random timers, set and cancelled at random times, against a list that is sorted by what is
// due and who was first.
func TestTIMERIsASortedList(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			begin := time.Now()
			svc := actor.Start(&noter{}, actortest.Quiet())
			var model []*setting
			var want []string
			pass := func(until time.Duration) { // what is due by then, as the list has it
				for len(model) > 0 {
					slices.SortFunc(model, func(x, y *setting) int {
						if x.due != y.due {
							return int(x.due - y.due)
						}
						return x.name - y.name
					})
					s := model[0]
					if s.due > until {
						return
					}
					want = append(want, fmt.Sprint(s.name, " at ", s.due))
					if s.due += s.every; s.every == 0 {
						model = model[1:]
					}
				}
			}
			for name := range 60 {
				now := time.Since(begin)
				pass(now)
				s := &setting{name: name, due: now + time.Duration(rng.IntN(5))}
				f := func(n *noter) { n.names = append(n.names, fmt.Sprint(name, " at ", time.Since(begin))) }
				if rng.IntN(4) == 0 {
					s.every = 1 + time.Duration(rng.IntN(5))
					s.due = now + s.every
					s.timer = svc.Every(s.every, f)
				} else {
					s.timer = svc.After(s.due-now, f)
				}
				model = append(model, s)
				if rng.IntN(2) == 0 {
					pass(now)
					if i := rng.IntN(len(model) + 1); i < len(model) {
						if !model[i].timer.Cancel() {
							t.Errorf("seed %d: %d cannot be cancelled", seed, model[i].name)
						}
						model = slices.Delete(model, i, i+1)
					}
				}
				time.Sleep(time.Duration(rng.IntN(4)))
				synctest.Wait()
			}
			pass(time.Since(begin))
			got, err := actor.Get(context.Background(), svc, func(n *noter) []string { return n.names })
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("seed %d: %v\n%v\nwant\n%v", seed, err, got, want)
			}
			actortest.Stop(t, svc)
			actortest.Balanced(t, svc.Info())
		})
	}
}

// Many goroutines set and cancel timers that are due at once or soon: nothing is lost, run
// twice, or overtaken by what the same goroutine sends later.
func TestTIMERHammer(t *testing.T) {
	for name, opts := range map[string][]actor.Option{
		"unbounded": nil,
		"line":      {actor.WithCapacity(3)},
		"oldest":    {actor.WithCapacity(3), actor.WithOverflow(actor.DropOldest)},
	} {
		t.Run(name, func(t *testing.T) {
			var dead actortest.Letters
			svc := actor.Start(&actortest.Plain{}, append(opts, actortest.Quiet(), dead.Option())...)
			const goroutines, rounds = 4, 300
			var latest [goroutines]int // the service's
			var ran [goroutines]int
			var cancelled atomic.Int64
			var all sync.WaitGroup
			all.Add(goroutines)
			for g := range goroutines {
				go func() {
					defer all.Done()
					var every *actor.Timer
					if name != "oldest" { // or it would be in the sum
						every = svc.Every(time.Microsecond, increment)
					}
					for i := 1; i <= rounds; i++ {
						svc.After(0, func(*actortest.Plain) {
							ran[g]++
							if latest[g] >= i {
								t.Errorf("%d of %d comes after %d", i, g, latest[g])
							}
							latest[g] = i
						})
						if svc.After(time.Duration(i%3)*time.Microsecond, func(*actortest.Plain) { ran[g]++ }).Cancel() {
							cancelled.Add(1)
						}
					}
					every.Cancel()
				}()
			}
			all.Wait()
			if err := svc.Run(context.Background(), actortest.Nothing[actortest.Plain]); err != nil { // behind what was due at once
				t.Error(err)
			}
			if err := svc.Stop(context.Background()); err != nil {
				t.Error(err)
			}
			sum := int(cancelled.Load())
			for _, n := range ran {
				sum += n
			}
			for _, d := range dead.List() {
				if d.Reason == actor.ErrMailboxFull {
					sum++
				}
			}
			if want := 2 * goroutines * rounds; sum != want {
				t.Errorf("%d have run, were cancelled or dropped: want %d", sum, want)
			}
			actortest.Balanced(t, svc.Info())
		})
	}
}

// A dead-letter hook that is told of what a tick has displaced has no lock of the clock: it
// may hang, set timers and cancel them.
func TestTIMERHookHasNoLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var svc *actor.Service[actortest.Plain]
		var other *actor.Timer
		var told atomic.Int64
		svc = actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(2), actor.WithOverflow(actor.DropOldest),
			actor.WithDeadLetters(func(actor.DeadLetter) {
				if told.Add(1) == 1 {
					other.Cancel()
					svc.After(sec, increment)
					<-release
				}
			}))
		other = svc.After(minute, increment)
		b := actortest.Occupy(t, svc)
		for range 4 {
			svc.After(sec, increment)
		}
		time.Sleep(sec) // the clock's goroutine hangs in the hook
		synctest.Wait()
		if n := svc.Info().Queued; n != 2 {
			t.Errorf("%d wait: all that are due are queued before the hook is called", n)
		}
		svc.After(0, increment)
		svc.After(sec, increment).Cancel()
		b.LetGo()
		time.Sleep(2 * sec)
		if n := value(t, svc); n != 3 {
			t.Errorf("%d have run", n)
		}
		svc.Kill()
		close(release)
		synctest.Wait()
		if n := told.Load(); n != 3 {
			t.Errorf("%d letters", n)
		}
		actortest.Balanced(t, svc.Info())
	})
}

// A logger that is told that many closures wait has no lock of the clock either.
func TestTIMERLoggerHasNoLock(t *testing.T) {
	var svc *actor.Service[actortest.Plain]
	var once sync.Once
	warned := make(chan struct{})
	svc = actor.Start(&actortest.Plain{}, actor.WithLogger(slog.New(loggerFunc(func(slog.Record) {
		once.Do(func() {
			svc.After(time.Hour, increment).Cancel()
			svc.After(0, increment)
			close(warned)
		})
	}))))
	b := actortest.Occupy(t, svc)
	for range 1 << 15 {
		svc.After(0, increment)
	}
	<-warned
	b.LetGo()
	if err := svc.Run(context.Background(), actortest.Nothing[actortest.Plain]); err != nil { // behind them
		t.Error(err)
	}
	if n := value(t, svc); n != 1<<15+1 {
		t.Errorf("%d have run", n)
	}
	actortest.Stop(t, svc)
}

// loggerFunc is a handler that is a function.
type loggerFunc func(slog.Record)

func (loggerFunc) Enabled(context.Context, slog.Level) bool { return true }

func (f loggerFunc) Handle(_ context.Context, r slog.Record) error { f(r); return nil }

func (f loggerFunc) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f loggerFunc) WithGroup(string) slog.Handler { return f }
