package laws_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// goroutine returns the number of the running goroutine, as stacks show it.
func goroutine() int {
	var buf [64]byte
	fields := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	n, _ := strconv.Atoi(string(fields[1]))
	return n
}

// tracked is a T that keeps, without any lock, which goroutines it has seen.
type tracked struct {
	seen    map[int]int
	onClose func(*tracked)
}

func newTracked(onClose func(*tracked)) *tracked {
	t := &tracked{map[int]int{}, onClose}
	t.touch()
	return t
}

func (t *tracked) touch() { t.seen[goroutine()]++ }

func (t *tracked) Close() error {
	t.touch()
	t.onClose(t)
	return nil
}

// way is a function that has a closure run on a service, and returns when it has.
type way[T any] struct {
	name string
	run  func(ctx context.Context, svc *actor.Service[T], f func(*T)) error
}

// calls are the ways that wait.
func calls[T any]() []way[T] {
	type service = *actor.Service[T]
	return []way[T]{
		{"Run", func(ctx context.Context, s service, f func(*T)) error {
			return s.Run(ctx, func(v *T) error { f(v); return nil })
		}},
		{"RunContext", func(ctx context.Context, s service, f func(*T)) error {
			return s.RunContext(ctx, func(_ context.Context, v *T) error { f(v); return nil })
		}},
		{"Call", func(ctx context.Context, s service, f func(*T)) error {
			_, err := actor.Call(ctx, s, func(v *T) (int, error) { f(v); return 0, nil })
			return err
		}},
		{"CallContext", func(ctx context.Context, s service, f func(*T)) error {
			_, err := actor.CallContext(ctx, s, func(_ context.Context, v *T) (int, error) { f(v); return 0, nil })
			return err
		}},
		{"Get", func(ctx context.Context, s service, f func(*T)) error {
			_, err := actor.Get(ctx, s, func(v *T) int { f(v); return 0 })
			return err
		}},
		{"AsyncContext", func(ctx context.Context, s service, f func(*T)) error {
			_, err := actor.AsyncContext(ctx, s, func(_ context.Context, v *T) (int, error) { f(v); return 0, nil }).Await(ctx)
			return err
		}},
		{"Async", func(ctx context.Context, s service, f func(*T)) error {
			_, err := actor.Async(s, func(v *T) (int, error) { f(v); return 0, nil }).Await(ctx)
			return err
		}},
	}
}

// ways are calls, and those that do not wait, with a call behind them.
func ways[T any]() []way[T] {
	type service = *actor.Service[T]
	wait := func(ctx context.Context, s service) error {
		return s.Run(ctx, func(*T) error { return nil })
	}
	return append(calls[T](),
		way[T]{"Do", func(ctx context.Context, s service, f func(*T)) error {
			return errors.Join(s.Do(f), wait(ctx, s))
		}},
		way[T]{"DoContext", func(ctx context.Context, s service, f func(*T)) error {
			return errors.Join(s.DoContext(ctx, func(_ context.Context, v *T) { f(v) }), wait(ctx, s))
		}},
	)
}

// Start's service has a goroutine of its own for all that it runs, Close included.
func TestL1StartOwnsAGoroutine(t *testing.T) {
	var closed *tracked
	state := &tracked{map[int]int{}, func(v *tracked) { closed = v }}
	svc := actor.Start(state, actortest.Quiet())
	for _, w := range ways[tracked]() {
		if err := w.run(t.Context(), svc, (*tracked).touch); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
	actortest.Stop(t, svc)
	if closed != state || len(closed.seen) != 1 || closed.seen[goroutine()] != 0 {
		t.Errorf("closed %p on goroutines %v; the test is %d", closed, closed.seen, goroutine())
	}
}

// Each incarnation builds, uses and closes its T on the goroutine of its Serve,
// also if it ends with a crash.
func TestL1ServeOwnsTheGoroutine(t *testing.T) {
	endings := []struct {
		name string
		end  func(*tracked)
	}{
		{"panic", func(*tracked) { panic("crash") }},
		{"Goexit", func(*tracked) { runtime.Goexit() }},
		{"none", nil},
	}
	var closed []*tracked
	svc := actor.New(func(context.Context) (*tracked, error) {
		return newTracked(func(v *tracked) { closed = append(closed, v) }), nil
	}, actortest.Quiet())
	for i, e := range endings {
		over := make(chan int)
		go func() {
			defer func() { over <- goroutine() }()
			_ = svc.Serve(actortest.Supervised(context.Background()))
		}()
		for _, w := range ways[tracked]() {
			if err := w.run(t.Context(), svc, (*tracked).touch); err != nil {
				t.Errorf("%s: %s: %v", e.name, w.name, err)
			}
		}
		if e.end != nil {
			actortest.Do(t, svc, e.end)
		} else {
			actortest.Stop(t, svc)
		}
		server := <-over
		if len(closed) != i+1 {
			t.Fatalf("%s: closed %d times", e.name, len(closed))
		}
		if n := len(ways[tracked]()); len(closed[i].seen) != 1 || closed[i].seen[server] != n+2 {
			t.Errorf("%s: goroutine %d served; T saw %v", e.name, server, closed[i].seen)
		}
	}
}

// Closures of many senders never overlap. Everything here is plain memory, so
// that the race detector sees two at once, and so does the sum.
func TestL1OneAtATime(t *testing.T) {
	const senders, each = 8, 50
	type state struct{ inside, most, total int }
	svc := actor.Start(&state{}, actortest.Quiet())
	enter := func(s *state) {
		s.inside++
		s.most = max(s.most, s.inside)
		runtime.Gosched()
		s.total++
		s.inside--
	}
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for _, w := range ways[state]() {
				for range each {
					if err := w.run(t.Context(), svc, enter); err != nil {
						t.Errorf("%s: %v", w.name, err)
					}
				}
			}
		})
	}
	all.Wait()
	s, err := actor.Get(t.Context(), svc, func(s *state) state { return *s })
	if want := senders * each * len(ways[state]()); err != nil || s.most != 1 || s.total != want {
		t.Errorf("got %+v, %v; want one inside at a time and %d in all", s, err, want)
	}
	actortest.Stop(t, svc)
}

// A closure that hands closures to its own service goes on undisturbed: they come
// after it. One that would wait for its own service is refused and not entered.
func TestL1NotReentered(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	var trace []string
	err := svc.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Plain) error {
		trace = append(trace, "begin")
		actortest.Do(t, svc, func(*actortest.Plain) { trace = append(trace, "Do") })
		if err := svc.DoContext(ctx, func(context.Context, *actortest.Plain) {
			trace = append(trace, "DoContext")
		}); err != nil {
			t.Errorf("DoContext = %v", err)
		}
		for _, w := range calls[actortest.Plain]() {
			err := w.run(ctx, svc, func(*actortest.Plain) { trace = append(trace, w.name) })
			if !errors.Is(err, actor.ErrSelfCall) {
				t.Errorf("%s on its own service: %v", w.name, err)
			}
		}
		trace = append(trace, "end")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	actortest.Stop(t, svc)
	if got, want := join(trace), "begin end Do DoContext"; got != want {
		t.Errorf("ran %s; want %s", got, want)
	}
}

// A service that is cut off from a closure goes on with another goroutine and
// another T: the first T stays with its goroutine, which closes it.
func TestL1CutOffStatesStayApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan *tracked, 2)
		svc := actor.New(func(context.Context) (*tracked, error) {
			return newTracked(func(v *tracked) { closed <- v }), nil
		}, actortest.Quiet())
		first := actortest.Serve(actortest.Supervised(context.Background()), svc)
		b := actortest.NewBlocker[tracked]()
		actortest.Do(t, svc, func(v *tracked) {
			b.Run(v)
			v.touch()
		})
		<-b.Started
		actortest.Do(t, svc, (*tracked).touch)
		svc.CutOff(true)
		second := actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait() // or Stop may come before Serve
		actortest.Stop(t, svc)
		if v := <-closed; len(v.seen) != 1 {
			t.Errorf("the second T saw goroutines %v", v.seen)
		}
		<-second
		b.LetGo()
		if v := <-closed; len(v.seen) != 1 {
			t.Errorf("the first T saw goroutines %v", v.seen)
		}
		<-first
	})
}
