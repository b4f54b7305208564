package recipes_test

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Limiter is a bucket of tokens, and a line of those who wait for one.
type Limiter struct {
	tokens, burst int
	line          []actor.Reply[struct{}]
}

// newLimiter returns the constructor of a limiter that allows burst at once, and
// one more in each period.
func newLimiter(burst int, period time.Duration) func(context.Context) (*Limiter, error) {
	return func(ctx context.Context) (*Limiter, error) {
		actor.Self[Limiter](ctx).Every(period, (*Limiter).Refill)
		return &Limiter{tokens: burst, burst: burst}, nil
	}
}

// Take answers when there is a token.
func (l *Limiter) Take(reply actor.Reply[struct{}]) {
	if l.tokens == 0 {
		l.line = append(l.line, reply)
		return
	}
	if reply.Answer(struct{}{}, nil) {
		l.tokens--
	}
}

// Refill gives a new token to whoever has waited longest, and is still there.
func (l *Limiter) Refill() {
	for len(l.line) > 0 {
		first := l.line[0]
		l.line = l.line[1:]
		if first.Answer(struct{}{}, nil) {
			return
		}
	}
	l.tokens = min(l.tokens+1, l.burst)
}

// wait returns when the caller may go on, or with an error when ctx has ended.
func wait(ctx context.Context, limiter *actor.Service[Limiter]) error {
	_, err := actor.CallLater(ctx, limiter, func(_ context.Context, l *Limiter, reply actor.Reply[struct{}]) {
		l.Take(reply)
	})
	return err
}

// How is a burst allowed, and then so many in each second?
func Example_rateLimiter() {
	ctx := context.Background()
	const period = 5 * time.Millisecond
	limiter := actor.New(newLimiter(3, period))
	go limiter.Serve(ctx) // or as a child of a supervisor

	begin := time.Now()
	for n := range 5 {
		fmt.Println(n, wait(ctx, limiter))
	}
	fmt.Println("took two periods or more:", time.Since(begin) >= 2*period)
	fmt.Println(limiter.Stop(ctx))
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
	// 4 <nil>
	// took two periods or more: true
	// <nil>
}
