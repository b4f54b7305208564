package actor

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// Retry makes a call again as long as it was not run: because the service was
// full, restarted or down. What has run, crashed or may be running is not made
// again, nor is what would be refused again: a call that would close a cycle of
// waiting services, or that an interceptor refused. call gets ctx; it makes one call
// and returns its error as it is:
//
//	n, err := actor.Retry(ctx, 5, 10*time.Millisecond, func(ctx context.Context) (int, error) {
//		return actor.Get(ctx, stock, (*Stock).Len)
//	})
//
// It is made at most tries times, after wait the second time and twice as long
// before each one after that, and not again once ctx has ended. Retry returns what the
// last call returned. tries below 1, a negative wait, and a nil ctx or call panic.
func Retry[R any](ctx context.Context, tries int, wait time.Duration, call func(context.Context) (R, error)) (R, error) {
	must(ctx != nil && call != nil, "actor: Retry with a nil context or call")
	must(tries >= 1 && wait >= 0,
		fmt.Sprintf("actor: Retry of %d tries after %v: at least one, and a time that is not negative", tries, wait))
	if in := owners.Current(); in != nil {
		before := in.retries
		in.retries = true
		defer func() { in.retries = before }()
	}
	for {
		result, err := call(ctx)
		if tries--; tries == 0 || !worthRetrying(err) {
			return result, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if hasEnded(ctx) { // also if both were ready
			return result, err
		}
		wait *= 2
	}
}

func worthRetrying(err error) bool {
	_, deadlock := foreign.As[*DeadlockError](err)
	return OutcomeOf(err) == NotRun && !foreign.Is(err, ErrRefused) && !deadlock &&
		!foreign.Is(err, context.Canceled) && !foreign.Is(err, context.DeadlineExceeded)
}

// hasEnded reports whether ctx has ended, or its deadline has come, which it may be about
// to notice.
func hasEnded(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		end, ok := ctx.Deadline()
		return ok && !time.Now().Before(end)
	}
}
