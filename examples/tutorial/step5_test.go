package tutorial_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/bruskajp/nano_services/actor"
)

// commitOrEnd ends the incarnation if the commit fails: the books are ahead of the file
// then, and the next ones are read from it.
func commitOrEnd(b *Books) error {
	err := b.Commit()
	if err == nil {
		return nil
	}
	actor.Exit(context.Background(), err)
	return actor.WithOutcome(err, actor.Unknown) // part of it may be in the file
}

// book does an order, and returns when its batch is on the disk.
func book(ctx context.Context, books *actor.Service[Books], o Order) error {
	_, err := actor.CallBatched(ctx, books, func(b *Books) (struct{}, error) { return struct{}{}, b.Book(o) })
	return err
}

func Example_step5() {
	ctx := context.Background()
	name, remove := temporary()
	defer remove()
	commits := 0
	books := actor.New(openBooks(name), actor.WithLogger(silent), actor.WithBatch(100, func(b *Books) error {
		commits++
		return commitOrEnd(b)
	}))
	bank, err := start(books)
	if err != nil {
		fmt.Println(err)
		return
	}
	books.Pause(ctx) // so that all of them wait, as they would behind a slow disk
	var callers sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		callers.Go(func() { errs[i] = book(ctx, books, Order{fmt.Sprint("k", i), "ada", "bob", 1}) })
	}
	for books.Info().Queued < len(errs) {
		runtime.Gosched()
	}
	books.Resume()
	callers.Wait()
	fmt.Println(errors.Join(errs...))
	fmt.Println(bank.Stop(ctx))
	fmt.Println(len(errs), "transfers,", commits, "commit")
	// Output:
	// <nil>
	// <nil>
	// 50 transfers, 1 commit
}

func Example_step5Wrong() {
	ctx := context.Background()
	name, remove := temporary()
	defer remove()
	books := actor.New(openBooks(name), actor.WithLogger(silent), actor.WithBatch(100, commitOrEnd))
	bank, err := start(books)
	if err != nil {
		fmt.Println(err)
		return
	}
	order := Order{"k1", "ada", "bob", 30}
	books.Do(func(b *Books) { b.file.Close() }) // as a disk that is gone
	for try := 1; ; try++ {
		err := book(ctx, books, order)
		fmt.Println("try", try, actor.OutcomeOf(err))
		if actor.OutcomeOf(err) != actor.Unknown && actor.OutcomeOf(err) != actor.Crashed {
			break
		}
	}
	fmt.Println(actor.Get(ctx, books, func(b *Books) int { return b.Balance("bob") }))
	fmt.Println(bank.Stop(ctx))
	// Output:
	// try 1 unknown
	// try 2 ran
	// 1030 <nil>
	// <nil>
}
