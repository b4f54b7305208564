package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/apart/store"
)

// A book has what became of each order, as its customer was told.
type book struct {
	mu      sync.Mutex
	entries map[string]entry
	faults  []error
	ran     int
}

type entry struct {
	cents   int64
	outcome actor.Outcome
}

func newBook() *book { return &book{entries: map[string]entry{}} }

// write notes what a call of Put returned.
func (b *book) write(o store.Order, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	what := actor.OutcomeOf(err)
	if what == actor.Ran && err == nil {
		b.ran++
	} else if what == actor.Ran || what == actor.Crashed {
		b.faults = append(b.faults, fmt.Errorf("order %s: %w", o.ID, err)) // no order of ours is to fail
	}
	b.entries[o.ID] = entry{o.Cents, what}
}

// count returns how many orders have run.
func (b *book) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ran
}

// A result is the numbers of the last line.
type result struct {
	ran, notRun, unknown int
	resolved             int   // unknown ones that are in the file
	sum                  int64 // of what is in the file
}

func (r *result) String() string {
	return fmt.Sprintf("ran %d, not run %d, unknown %d, sum %d", r.ran, r.notRun, r.unknown, r.sum)
}

// read returns the orders of a file that no other process has open.
func read(file string) ([]store.Order, error) {
	ctx := context.Background()
	db, err := store.NewDB(ctx, file)
	if err != nil {
		return nil, err
	}
	kept, err := db.All(ctx)
	return kept, errors.Join(err, db.Close())
}

// prove compares the book with the orders that the file has: each one that ran is in it,
// with its worth, none that was not run is, and there is no other.
func (b *book) prove(kept []store.Order) (*result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults := b.faults
	r := &result{}
	there := map[string]bool{}
	for _, o := range kept {
		e, known := b.entries[o.ID]
		switch {
		case !known:
			faults = append(faults, fmt.Errorf("order %s is in the file, and was never placed", o.ID))
		case there[o.ID]:
			faults = append(faults, fmt.Errorf("order %s is in the file twice", o.ID))
		case e.cents != o.Cents:
			faults = append(faults, fmt.Errorf("order %s is worth %d in the file, and was of %d", o.ID, o.Cents, e.cents))
		case e.outcome == actor.NotRun:
			faults = append(faults, fmt.Errorf("order %s is in the file, and its customer was told that it was not run", o.ID))
		case e.outcome == actor.Unknown:
			r.resolved++
		}
		there[o.ID] = true
		r.sum += o.Cents
	}
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		switch b.entries[id].outcome {
		case actor.Ran:
			if r.ran++; !there[id] {
				faults = append(faults, fmt.Errorf("order %s is not in the file, and its customer was told that it ran", id))
			}
		case actor.NotRun:
			r.notRun++
		case actor.Unknown:
			r.unknown++
		}
	}
	return r, few(faults)
}

// few joins the first of many errors, in one line.
func few(faults []error) error {
	const shown = 3
	if len(faults) == 0 {
		return nil
	}
	text := faults[0].Error()
	for _, err := range faults[1:min(len(faults), shown)] {
		text += "; " + err.Error()
	}
	if n := len(faults) - shown; n > 0 {
		text += fmt.Sprintf("; and %d more", n)
	}
	return errors.New(text)
}
