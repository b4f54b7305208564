package actor_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

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
