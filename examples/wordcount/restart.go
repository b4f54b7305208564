package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// maxCrashes is how often a reader may crash at one chunk before it is given up.
const maxCrashes = 3

// grace is how long a reader that is to stop may take for the chunk that it is at:
// it may be waiting for input that never comes.
const grace = 2 * time.Second

// read reads a section to its end, with a reader that is restarted when it crashes,
// and returns what kept it from that. It returns early when ctx ends; what was handed
// over by then is counted.
func (w *wordCount) read(ctx context.Context, id int, src *source) (actor.Info, error) {
	reader := actor.New(func(context.Context) (*Reader, error) {
		return &Reader{id: id, src: src, counters: w.counters, progress: w.progress,
			index: make(map[string]int)}, nil
	}, actor.WithName(fmt.Sprintf("reader %d", id+1)), quiet)

	served := make(chan error, 1)
	go func() {
		defer src.close()
		served <- w.serve(context.WithoutCancel(ctx), reader, src)
	}()

	var err error
	for more := true; more && err == nil; {
		more, err = actor.CallContext(ctx, reader, func(ctx context.Context, r *Reader) (bool, error) {
			return r.Step(ctx)
		})
		// The call that crashed is answered at once. The next one waits for the reader
		// that takes its place, or learns that there will be none.
		if actor.OutcomeOf(err) == actor.Crashed {
			more, err = true, nil
		}
	}
	if actor.OutcomeOf(err) != actor.Ran {
		err = nil // not what Step returned: ctx is over, or serve says more
	}

	// Stop runs what was accepted: after an interrupt, that is the step whose end the
	// loop did not wait for.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if !errors.Is(reader.Stop(stop), context.DeadlineExceeded) {
		err = errors.Join(err, <-served)
	}
	return reader.Info(), err
}

// serve is a supervisor in a few lines. Serve returns when the service was stopped or
// has crashed; in the place of a child, the service goes on queueing meanwhile.
func (w *wordCount) serve(ctx context.Context, reader *actor.Service[Reader], src *source) error {
	defer reader.Abandon() // whoever still waits learns that nobody will come
	ctx = actor.Supervised(ctx, reader.Name())
	crashes, at := 0, 0
	for {
		err := reader.Serve(ctx)
		if actor.OutcomeOf(err) != actor.Crashed {
			return err // nil: it was stopped
		}
		if src.number != at {
			crashes, at = 0, src.number
		}
		if crashes++; crashes > maxCrashes {
			return fmt.Errorf("%s: given up at byte %d after %d crashes: %w",
				src.path, src.from+src.read, crashes, err)
		}
		w.say("%s: reader crashed, restarting it at byte %d: %v", src.path, src.from+src.read, err)
	}
}
