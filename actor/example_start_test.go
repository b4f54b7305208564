package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// Counter is an ordinary type: it has no lock and knows nothing of the library.
type Counter struct{ n int }

func (c *Counter) Add(by int)          { c.n += by }
func (c *Counter) Value() int          { return c.n }
func (c *Counter) Reset()              { c.n = 0 }
func (c *Counter) Share(among int) int { return c.n / among }

// What is the smallest program?
func Example() {
	ctx := context.Background()

	counter := actor.Start(&Counter{})
	counter.Do(func(c *Counter) { c.Add(2) })
	n, err := actor.Get(ctx, counter, (*Counter).Value)
	fmt.Println(n, err)

	counter.Stop(ctx)
	// Output: 2 <nil>
}

// Journal keeps lines.
type Journal struct{ lines []string }

func (j *Journal) Write(line string) { j.lines = append(j.lines, line) }
func (j *Journal) Lines() []string   { return append([]string(nil), j.lines...) }

// How is something handed over without waiting for it?
func ExampleService_Do() {
	ctx := context.Background()
	journal := actor.Start(&Journal{}, actor.WithLogger(slog.New(slog.DiscardHandler)))

	for _, line := range []string{"one", "two", "three"} {
		if err := journal.Do(func(j *Journal) { j.Write(line) }); err != nil {
			fmt.Println("lost:", line, err)
		}
	}
	lines, _ := actor.Get(ctx, journal, (*Journal).Lines)
	fmt.Println(lines)

	journal.Stop(ctx)
	fmt.Println(journal.Do(func(j *Journal) { j.Write("four") }))
	// Output:
	// [one two three]
	// actor: service stopped
}

// What does a closure get a context for, if nobody waits for it?
func ExampleService_DoContext() {
	type requestID struct{}
	journal := actor.Start(&Journal{})

	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), requestID{}, 7))
	journal.DoContext(ctx, func(ctx context.Context, j *Journal) {
		j.Write(fmt.Sprint("request ", ctx.Value(requestID{}), ", ", ctx.Err()))
	})
	cancel() // too late to matter: the closure was accepted

	lines, _ := actor.Get(context.Background(), journal, (*Journal).Lines)
	fmt.Println(lines)
	journal.Stop(context.Background())
	// Output: [request 7, <nil>]
}

// Store stands for something that has to be opened and closed.
type Store struct{ rows []string }

func openStore(context.Context) (*Store, error) {
	fmt.Println("open")
	return &Store{}, nil
}

func (s *Store) Insert(row string) { s.rows = append(s.rows, row) }
func (s *Store) Len() int          { return len(s.rows) }

func (s *Store) Close() error {
	fmt.Println("close with", s.rows)
	return nil
}

// How does a service get a value that has to be made, and when does it run?
func ExampleNew() {
	store := actor.New(openStore, actor.WithLogger(slog.New(slog.DiscardHandler)))
	store.Do(func(s *Store) { s.Insert("early") }) // queued until somebody serves

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- store.Serve(ctx) }()

	n, err := actor.Get(context.Background(), store, (*Store).Len)
	fmt.Println(n, err)

	stop()
	fmt.Println(<-served)
	fmt.Println(store.Do(func(s *Store) { s.Insert("late") }))
	// Output:
	// open
	// 1 <nil>
	// close with [early]
	// <nil>
	// actor: service stopped
}

// What does a caller see when the constructor fails?
func ExampleService_Serve() {
	store := actor.New(func(context.Context) (*Store, error) {
		return nil, errors.New("disk not found")
	}, actor.WithName("store"), actor.WithLogger(slog.New(slog.DiscardHandler)))
	waiting := actor.Async(store, func(s *Store) (int, error) { return s.Len(), nil })

	fmt.Println(store.Serve(context.Background()))
	_, err := waiting.Await(context.Background())
	fmt.Println(errors.Is(err, actor.ErrStopped), actor.OutcomeOf(err))
	fmt.Println(store.Info().State)
	// Output:
	// actor: store: constructor: disk not found
	// true not run
	// down
}

// Clerk hands work to itself, one step at a time, so that others get their turn.
type Clerk struct {
	self  *actor.Service[Clerk]
	steps int
	done  chan struct{}
}

func (c *Clerk) Step() {
	if c.steps--; c.steps == 0 {
		close(c.done)
		return
	}
	c.self.Do((*Clerk).Step)
}

// How does a service know itself?
func ExampleSelf() {
	done := make(chan struct{})
	clerk := actor.New(func(ctx context.Context) (*Clerk, error) {
		return &Clerk{self: actor.Self[Clerk](ctx), steps: 3, done: done}, nil
	})
	clerk.Do((*Clerk).Step)

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- clerk.Serve(ctx) }()
	<-done
	stop()
	fmt.Println(<-served, clerk.Info().Executed)
	// Output: <nil> 3
}

// Index takes a while to fill.
type Index struct{ words []string }

func (x *Index) Fill()     { x.words = append(x.words, "apple", "pear") }
func (x *Index) Size() int { return len(x.words) }

// How is something done before the first closure, and not before the service is up?
func ExampleContinue() {
	index := actor.New(func(ctx context.Context) (*Index, error) {
		actor.Continue(ctx, (*Index).Fill)
		return &Index{}, nil
	})
	serving := make(chan error, 1)
	go func() { serving <- index.Serve(context.Background()) }()

	fmt.Println(actor.Get(context.Background(), index, (*Index).Size))
	index.Stop(context.Background())
	fmt.Println(<-serving)
	// Output:
	// 2 <nil>
	// <nil>
}

// How does a service end itself?
func ExampleExit() {
	clerk := actor.New(func(context.Context) (*Clerk, error) { return &Clerk{}, nil },
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	clerk.DoContext(context.Background(), func(ctx context.Context, _ *Clerk) {
		actor.Exit(ctx, errors.New("nothing left to do"))
	})
	fmt.Println(clerk.Serve(context.Background()))
	// Output: nothing left to do
}

// Retire is a method that knows nothing of services, but for this.
func (c *Clerk) Retire() { actor.Exit(context.Background(), errors.New("retired")) }

// How does a method without a context end its service?
func ExampleExit_method() {
	clerk := actor.New(func(context.Context) (*Clerk, error) { return &Clerk{}, nil },
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	clerk.Do((*Clerk).Retire)
	fmt.Println(clerk.Serve(context.Background()))
	// Output: retired
}

// What becomes of what is queued when a service is stopped?
func ExampleService_Stop() {
	store := actor.Start(&Store{})
	for _, row := range []string{"a", "b", "c"} {
		store.Do(func(s *Store) { s.Insert(row) })
	}
	fmt.Println(store.Stop(context.Background()))
	<-store.Done() // closed already
	fmt.Println(store.Info().State)
	// Output:
	// close with [a b c]
	// <nil>
	// ended
}

// What if a closure does not come to an end in time?
func ExampleService_Stop_cutOff() {
	counter := actor.Start(&Counter{}, actor.WithLogger(slog.New(slog.DiscardHandler)))
	begun, release := make(chan struct{}), make(chan struct{})
	counter.Do(func(*Counter) {
		close(begun)
		<-release
	})
	counter.Do(func(c *Counter) { c.Add(1) })
	<-begun

	ctx, cancel := context.WithCancel(context.Background())
	cancel() // or a deadline
	err := counter.Stop(ctx)
	fmt.Println(errors.Is(err, context.Canceled)) // err names the closure, too
	i := counter.Info()
	fmt.Println(i.State, "running:", i.Running, "dead:", i.Dead)
	close(release)
	// Output:
	// true
	// ended running: 1 dead: 1
}

// And if there is no time at all?
func ExampleService_Kill() {
	counter := actor.New(func(context.Context) (*Counter, error) { return &Counter{}, nil })
	counter.Do(func(c *Counter) { c.Add(1) })
	counter.Kill()
	<-counter.Done()
	i := counter.Info()
	fmt.Println(i.State, "executed:", i.Executed, "dead:", i.Dead)
	// Output: ended executed: 0 dead: 1
}
