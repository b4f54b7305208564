package actor_test

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

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
