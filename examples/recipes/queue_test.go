package recipes_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// Worker does jobs. Whatever it needs for that is its own.
type Worker struct{ done int }

func newWorker(context.Context) (*Worker, error) { return &Worker{}, nil }

// Shrink makes a picture smaller, as far as this example goes.
func (w *Worker) Shrink(picture []byte) {
	clear(picture) // it is the worker's now
	w.done++
}

func (w *Worker) Done() (int, error) { return w.done, nil }

// enqueue waits for room: whoever brings jobs faster than they are done is slowed down.
func enqueue(ctx context.Context, workers *pool.Pool[Worker], pictures [][]byte) error {
	for _, picture := range pictures {
		err := workers.DoContext(ctx, func(_ context.Context, w *Worker) { w.Shrink(picture) })
		if err != nil {
			return err // ctx has ended, or the pool was stopped
		}
	}
	return nil
}

// How do a few workers share many jobs, with a bound on those that wait?
func Example_jobQueue() {
	ctx := context.Background()
	workers := pool.New(4, newWorker, actor.WithCapacity(8))
	if err := workers.Start(ctx); err != nil { // or as a child of a supervisor
		fmt.Println(err)
		return
	}

	pictures := make([][]byte, 100)
	for i := range pictures {
		pictures[i] = make([]byte, 1024)
	}
	fmt.Println(enqueue(ctx, workers, pictures))

	counts, err := pool.Gather(ctx, workers, (*Worker).Done)
	sum := 0
	for _, n := range counts {
		sum += n
	}
	fmt.Println(len(counts), "workers", sum, "jobs", err)
	fmt.Println(workers.Stop(ctx)) // does what still waits
	// Output:
	// <nil>
	// 4 workers 100 jobs <nil>
	// <nil>
}
