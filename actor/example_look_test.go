package actor_test

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// What can be seen of a service?
func ExampleService_Info() {
	counter := actor.New(newCounter, actor.WithName("hits"), actor.WithCapacity(2))
	for range 2 {
		counter.Do(func(c *Counter) { c.Add(1) })
	}
	actor.Async(counter, func(c *Counter) (int, error) { return c.n, nil }) // no room

	i := counter.Info()
	fmt.Println(i.Name, i.State, "accepted", i.Accepted, "queued", i.Queued, "refused", i.Refused)

	counter.Stop(context.Background()) // nobody served it: nobody can run what it had queued
	i = counter.Info()
	fmt.Println(i.Name, i.State, "accepted", i.Accepted, "executed", i.Executed, "dead", i.Dead)
	// Output:
	// hits pending accepted 2 queued 2 refused 1
	// hits ended accepted 2 executed 0 dead 2
}

// How do I publish a service under /debug/vars?
func ExampleService_Info_expvar() {
	counter := actor.Start(&Counter{}, actor.WithName("hits"))
	expvar.Publish("hits", expvar.Func(func() any { return counter.Info() }))

	counter.Do(func(c *Counter) { c.Add(1) })
	counter.Stop(context.Background())

	var seen struct {
		Name, State string
		Executed    int
	}
	err := json.Unmarshal([]byte(expvar.Get("hits").String()), &seen)
	fmt.Println(seen, err)
	// Output:
	// {hits ended 1} <nil>
}

// How long do closures wait, and run?
func ExampleWithTimes() {
	counter := actor.Start(&Counter{}, actor.WithTimes())
	sent := make(chan struct{})
	for range 3 {
		counter.Do(func(c *Counter) { <-sent; time.Sleep(5 * time.Millisecond); c.Add(1) })
	}
	close(sent)
	counter.Stop(context.Background())

	i := counter.Info()
	fmt.Println("measured:", i.Runs.Count)
	fmt.Println("median at least 5 ms:", i.Runs.Quantile(0.5) >= 5*time.Millisecond)
	fmt.Println("in all at least 15 ms:", i.Runs.Total >= 0.015) // seconds, for metrics
	fmt.Println("some have waited for two others:", i.Waits.Max >= 10*time.Millisecond)
	// Output:
	// measured: 3
	// median at least 5 ms: true
	// in all at least 15 ms: true
	// some have waited for two others: true
}

// Login is the value of a service.
type Login struct {
	user     string
	password string
	visits   int
}

// LogValue implements slog.LogValuer: it says what may be seen.
func (l *Login) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user", l.user), slog.Int("visits", l.visits))
}

// How do I see the value of a service without its secrets?
func ExampleService_Show() {
	ctx := context.Background()
	login := actor.Start(&Login{user: "ada", password: "lovelace"})
	login.Do(func(s *Login) { s.visits++ })
	actor.Get(ctx, login, func(s *Login) int { return s.visits }) // has run

	value, err := login.Show(ctx) // between two closures

	noTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	slog.New(slog.NewTextHandler(os.Stdout, noTime)).Info("login", "value", value, "err", err)

	login.Stop(ctx)
	// Output:
	// level=INFO msg=login value.user=ada value.visits=1 err=<nil>
}

// How do I stop a service for a moment, and look at its value meanwhile?
func ExampleService_Pause() {
	ctx := context.Background()
	counter := actor.Start(&Counter{n: 1})

	fmt.Println(counter.Pause(ctx)) // no closure runs any more
	counter.Do(func(c *Counter) { c.Add(1) })
	fmt.Println(actor.Inspect(ctx, counter, (*Counter).Value)) // does not stand in the queue
	counter.Resume()
	fmt.Println(actor.Get(ctx, counter, (*Counter).Value))

	counter.Stop(ctx)
	// Output:
	// <nil>
	// 1 <nil>
	// 2 <nil>
}
