package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Books keeps rows. To make them safe takes long, for one as for a hundred.
type Books struct{ fresh, safe []string }

func (l *Books) Insert(row string) int {
	l.fresh = append(l.fresh, row)
	return len(l.safe) + len(l.fresh)
}

func (l *Books) Commit() error {
	if len(l.fresh) > 0 {
		fmt.Println("commit", l.fresh)
	}
	l.safe = append(l.safe, l.fresh...)
	l.fresh = nil
	return nil
}

// How are many changes made safe with one commit?
func ExampleWithBatch() {
	books := actor.Start(&Books{}, actor.WithBatch(100, (*Books).Commit))
	busy := make(chan struct{})
	books.Do(func(*Books) { <-busy })
	for _, row := range []string{"a", "b", "c"} {
		books.Do(func(l *Books) { l.Insert(row) })
	}
	close(busy)
	books.Stop(context.Background())
	// Output:
	// commit [a b c]
}

// How does a caller wait until its change is safe?
func ExampleCallBatched() {
	ctx := context.Background()
	books := actor.Start(&Books{}, actor.WithBatch(100, (*Books).Commit))
	n, err := actor.CallBatched(ctx, books, func(l *Books) (int, error) { return l.Insert("d"), nil })
	fmt.Println(n, err)
	books.Stop(ctx)
	// Output:
	// commit [d]
	// 1 <nil>
}
