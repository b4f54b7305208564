package recipes_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/bruskajp/nano_services/actor"
)

// LockedScores is how it was before: each method begins with the lock, and one that
// forgets it is a race.
type LockedScores struct {
	mu    sync.Mutex
	best  string
	score map[string]int
}

func (s *LockedScores) Add(player string, points int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.score[player] += points
	if s.score[player] > s.score[s.best] {
		s.best = player
	}
}

func (s *LockedScores) Best() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.best
}

// Scores is how it is afterwards: the lock is gone, and nothing else has changed.
type Scores struct {
	best  string
	score map[string]int
}

func (s *Scores) Add(player string, points int) {
	s.score[player] += points
	if s.score[player] > s.score[s.best] {
		s.best = player
	}
}

func (s *Scores) Best() string { return s.best }

// What changes when a mutex becomes a service?
func Example_fromMutexToService() {
	ctx := context.Background()

	// Before.
	locked := &LockedScores{score: map[string]int{}}
	locked.Add("ada", 3)
	fmt.Println(locked.Best())

	// After.
	scores := actor.Start(&Scores{score: map[string]int{}})
	scores.Do(func(s *Scores) { s.Add("ada", 3) })
	fmt.Println(actor.Get(ctx, scores, (*Scores).Best))

	// Several steps that belong together are one closure.
	err := scores.Run(ctx, func(s *Scores) error {
		if s.Best() == "ada" {
			s.Add("bob", 5)
		}
		return nil
	})
	fmt.Println(err)
	fmt.Println(actor.Get(ctx, scores, (*Scores).Best))
	fmt.Println(scores.Stop(ctx))
	// Output:
	// ada
	// ada <nil>
	// <nil>
	// bob <nil>
	// <nil>
}
