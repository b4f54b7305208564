package actor_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/bruskajp/nano_services/actor"
)

// Board keeps scores.
type Board struct{ scores []int }

func (b *Board) Take(scores []int) { b.scores = scores }
func (b *Board) Scores() []int     { return slices.Clone(b.scores) }
func (b *Board) Best() int         { return slices.Max(b.scores) }

// publish hands scores over: whoever calls it lets go of them.
func publish(board *actor.Service[Board], scores []int) error {
	return board.Do(func(b *Board) { b.Take(scores) }) // not used here any more
}

// Who owns data that goes to a service, and data that comes from it?
func Example_handOver() {
	ctx := context.Background()
	board := actor.Start(&Board{})

	publish(board, []int{3, 1, 2})
	best, _ := actor.Get(ctx, board, (*Board).Best)
	ours, _ := actor.Get(ctx, board, (*Board).Scores) // a copy
	slices.Sort(ours)
	theirs, _ := actor.Get(ctx, board, (*Board).Scores)
	fmt.Println(best, ours, theirs)

	board.Stop(ctx)
	// Output: 3 [1 2 3] [3 1 2]
}
