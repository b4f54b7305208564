package actor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

type userKey struct{}

var errNotYours = errors.New("not yours")

// authorize lets through what the vault's owner sends.
func authorize(c actor.Closure, run func() error) error {
	if c.Context().Value(userKey{}) != "ada" {
		return errNotYours
	}
	return run()
}

// Vault is an ordinary type.
type Vault struct{ gold int }

// How is something done around each closure?
func ExampleWithInterceptor() {
	calls := 0
	count := func(_ actor.Closure, run func() error) error {
		calls++ // on the service's goroutine
		return run()
	}
	vault := actor.Start(&Vault{gold: 3}, actor.WithInterceptor(count), actor.WithInterceptor(authorize))

	gold := func(ctx context.Context) (int, error) {
		return actor.Get(ctx, vault, func(v *Vault) int { return v.gold })
	}
	ada := context.WithValue(context.Background(), userKey{}, "ada")
	fmt.Println(gold(ada))

	bob := context.WithValue(context.Background(), userKey{}, "bob")
	_, err := gold(bob)
	fmt.Println(errors.Is(err, errNotYours), actor.OutcomeOf(err))

	vault.Stop(context.Background())
	fmt.Println("calls:", calls)
	// Output:
	// 3 <nil>
	// true not run
	// calls: 2
}

type traceKey struct{}

// traced wants to see what its sender traces.
func traced(sender context.Context) bool { return sender.Value(traceKey{}) != nil }

// How is something done around few closures, while the others cost as much as before?
func ExampleWithFilteredInterceptor() {
	vault := actor.Start(&Vault{gold: 3}, actor.WithFilteredInterceptor(actor.FilteredInterceptor{
		Want: traced,
		Run: func(c actor.Closure, run func() error) error {
			fmt.Println("begin", c.Context().Value(traceKey{}))
			defer fmt.Println("end")
			return run()
		},
	}))

	ctx := context.Background()
	gold := func(v *Vault) int { return v.gold }
	fmt.Println(actor.Get(ctx, vault, gold))
	fmt.Println(actor.Get(context.WithValue(ctx, traceKey{}, "trace 7"), vault, gold))

	vault.Stop(ctx)
	// Output:
	// 3 <nil>
	// begin trace 7
	// end
	// 3 <nil>
}

// How does a closure know what is around it, such as the span of a trace?
func ExampleClosure_SetContext() {
	span := actor.WithInterceptor(func(c actor.Closure, run func() error) error {
		name := fmt.Sprint(c.Context().Value(traceKey{}), " > ", c.Service())
		c.SetContext(context.WithValue(c.Context(), traceKey{}, name))
		fmt.Println(name)
		return run()
	})
	vault := actor.Start(&Vault{gold: 3}, actor.WithName("vault"), span)
	desk := actor.Start(&Desk{}, actor.WithName("desk"), span)

	ctx := context.WithValue(context.Background(), traceKey{}, "trace 7")
	fmt.Println(actor.CallContext(ctx, desk, func(ctx context.Context, _ *Desk) (int, error) {
		return actor.Get(ctx, vault, func(v *Vault) int { return v.gold })
	}))

	desk.Stop(ctx)
	vault.Stop(ctx)
	// Output:
	// trace 7 > desk
	// trace 7 > desk > vault
	// 3 <nil>
}

// How is a call made again that was not run?
func ExampleRetry() {
	vault := actor.New(func(context.Context) (*Vault, error) { return &Vault{gold: 3}, nil }, actor.WithCapacity(1))
	vault.Do(func(*Vault) {}) // and full it is, until somebody serves

	ctx := context.Background()
	time.AfterFunc(10*time.Millisecond, func() { vault.Serve(ctx) })
	gold, err := actor.Retry(ctx, 10, 5*time.Millisecond, func(ctx context.Context) (int, error) {
		answer := actor.Async(vault, func(v *Vault) (int, error) { return v.gold, nil }) // does not wait for room
		return answer.Await(ctx)
	})
	fmt.Println(gold, err)

	vault.Stop(ctx)
	// Output: 3 <nil>
}

// How does one see that something was handed over?
func ExampleMove() {
	ctx := context.Background()
	board := actor.Start(&Board{})

	scores := []int{3, 1, 2}
	moved := actor.Move(&scores)
	board.Do(func(b *Board) { b.Take(moved) })
	fmt.Println(len(scores), "left")

	best, _ := actor.Get(ctx, board, (*Board).Best)
	fmt.Println(best)
	board.Stop(ctx)
	// Output:
	// 0 left
	// 3
}
