package actor_test

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Door shuts itself when nobody has come through for a while.
type Door struct {
	self  *actor.Service[Door]
	timer *actor.Timer // nil: none yet, which can be cancelled as well
	shut  chan struct{}
}

func (d *Door) Enter() {
	fmt.Println("open")
	d.timer.Cancel()
	d.timer = d.self.After(20*time.Millisecond, (*Door).Shut) // instead of the one before
}

func (d *Door) Shut() {
	fmt.Println("shut")
	close(d.shut)
}

// How does a service do something later, unless something else comes first?
func ExampleTimer_Cancel() {
	shut := make(chan struct{})
	door := actor.New(func(ctx context.Context) (*Door, error) {
		return &Door{self: actor.Self[Door](ctx), shut: shut}, nil
	})
	door.Do((*Door).Enter)
	door.Do((*Door).Enter)

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- door.Serve(ctx) }()
	<-shut
	stop()
	fmt.Println(<-served)
	// Output:
	// open
	// open
	// shut
	// <nil>
}

// How is something done once, later, and taken back?
func ExampleService_After() {
	counter := actor.Start(&Counter{})
	done := make(chan struct{})
	late := counter.After(time.Hour, func(c *Counter) { c.Add(100) })
	counter.After(time.Millisecond, func(c *Counter) {
		c.Add(1)
		close(done)
	})
	<-done
	fmt.Println(late.Cancel(), late.Cancel())

	ctx := context.Background()
	fmt.Println(actor.Get(ctx, counter, (*Counter).Value))
	counter.Stop(ctx)
	fmt.Println(counter.After(time.Second, func(c *Counter) {}).Err())
	// Output:
	// true false
	// 1 <nil>
	// actor: service stopped
}

// Meter takes a sample each millisecond, in each of its incarnations.
type Meter struct{ samples chan int }

func newMeter(ctx context.Context, samples chan int) *Meter {
	actor.Self[Meter](ctx).Every(time.Millisecond, (*Meter).Sample)
	return &Meter{samples: samples}
}

func (m *Meter) Sample() { m.samples <- 20 }

// How does a service do something again and again?
func ExampleService_Every() {
	samples := make(chan int)
	meter := actor.New(func(ctx context.Context) (*Meter, error) { return newMeter(ctx, samples), nil })

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- meter.Serve(ctx) }()
	for range 3 {
		fmt.Println(<-samples)
	}
	stop()
	go func() {
		for range samples { // one may be under way
		}
	}()
	fmt.Println(<-served)
	close(samples)
	// Output:
	// 20
	// 20
	// 20
	// <nil>
}

// Session is a service for one visitor.
type Session struct{}

// How does a service end itself when nobody needs it?
func ExampleService_WhenIdle() {
	session := actor.New(func(ctx context.Context) (*Session, error) {
		actor.Self[Session](ctx).WhenIdle(10*time.Millisecond, func(*Session) {
			fmt.Println("nobody came")
			actor.Exit(ctx, nil)
		})
		return &Session{}, nil
	})
	session.Do(func(*Session) { fmt.Println("hello") })
	fmt.Println(session.Serve(context.Background()))
	// Output:
	// hello
	// nobody came
	// <nil>
}
