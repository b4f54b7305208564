// Package shop is a service that nanogen made callable from other processes, with all that
// a method can have: what the generator's own tests only compile is called here.
package shop

import (
	"context"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/supervisor/remote/internal/shop/api"
)

//go:generate go tool nanogen -type Shop -pool -remote -client api

// ErrClosed belongs to a package that clients do not import: they know its text.
var ErrClosed = errors.New("shop: closed")

// Shop sells. Its methods give back what they get.
type Shop struct {
	noted       []string
	fresh, kept int
}

// NewShop opens one.
func NewShop() *Shop { return &Shop{} }

// Echo has a context and an error.
func (s *Shop) Echo(ctx context.Context, e api.Everything) (api.Everything, error) { return e, nil }

// Several returns several results beside an error.
func (s *Shop) Several(a, b string) (both string, length int, err error) {
	return a + b, len(a) + len(b), nil
}

// Sum has a variable number of arguments, and no error.
func (s *Shop) Sum(numbers ...int) (sum int) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// Note is an event.
func (s *Shop) Note(text string) { s.noted = append(s.noted, text) }

// NoteContext is an event with a context.
func (s *Shop) NoteContext(ctx context.Context, texts ...string) { s.noted = append(s.noted, texts...) }

// Forget waits, and has no results.
//
//nano:call
func (s *Shop) Forget() { s.noted = nil }

// Noted returns what was noted.
func (s *Shop) Noted() []string { return append([]string(nil), s.noted...) }

// Buy fails as it is told to, beside a result.
func (s *Shop) Buy(how string) (string, error) {
	switch how {
	case "sold out":
		return how, fmt.Errorf("buy: %w", api.ErrSoldOut)
	case "limit":
		return how, fmt.Errorf("buy: %w", &api.LimitError{Asked: 7, Limit: 5})
	case "day":
		return how, fmt.Errorf("buy: %w", api.DayError{})
	case "day by pointer":
		return how, fmt.Errorf("buy: %w", &api.DayError{})
	case "closed":
		return how, ErrClosed
	case "crash":
		panic("the shop burns")
	}
	return how, nil
}

// Ticket loses the ticket's number, and the directive says that this does not matter.
//
//nano:lossy
func (s *Shop) Ticket(t api.Ticket) (api.Ticket, error) { return t, nil }

// Commit keeps what was saved. The service calls it.
//
//nano:skip
func (s *Shop) Commit() error {
	s.kept += s.fresh
	s.fresh = 0
	return nil
}

// Save is answered when what it saves is kept, and returns how much was kept before.
//
//nano:batched
func (s *Shop) Save(n int) (kept int, err error) {
	s.fresh += n
	return s.kept, nil
}

// Each stays in its process.
//
//nano:call
//nano:local
func (s *Shop) Each(f func(text string)) {
	for _, text := range s.noted {
		f(text)
	}
}

// Later is a future, and stays in its process, too.
//
//nano:future
func (s *Shop) Later() int { return len(s.noted) }
