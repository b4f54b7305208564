// Package bank is what the tests of package remote call in other processes.
package bank

import (
	"context"
	"errors"
	"fmt"
)

//go:generate go tool nanogen -type Account -remote

// ErrClosed is a sentinel that keeps its identity on its way.
var ErrClosed = errors.New("bank: the account is closed")

// LimitError is an error type that does so.
type LimitError struct {
	Asked, Limit int64
}

func (e *LimitError) Error() string { return fmt.Sprintf("bank: %d is more than %d", e.Asked, e.Limit) }

// Entry is one of what an account has seen.
type Entry struct {
	ID     string
	Amount int64
	Memo   string // which the first version had not
}

// Account is a service. What is exported is for tests in the same process.
type Account struct {
	Limit   int64
	Notes   []string
	Entries []Entry
	sum     int64

	Began chan string                              // gets what Wait is called with
	Gate  chan struct{}                            // has Wait return; or else its context
	Seen  func(ctx context.Context, e Entry) error // called with each deposit, if there is one
}

// NewAccount returns an empty account.
func NewAccount() *Account { return &Account{} }

// Deposit books an amount, and returns the sum.
func (a *Account) Deposit(ctx context.Context, id string, amount int64) (sum int64, err error) {
	if amount == 0 {
		return 0, fmt.Errorf("deposit %s: %w", id, ErrClosed)
	}
	if a.Limit > 0 && amount > a.Limit {
		return 0, fmt.Errorf("deposit %s: %w", id, &LimitError{amount, a.Limit})
	}
	e := Entry{ID: id, Amount: amount}
	a.Entries = append(a.Entries, e)
	a.sum += amount
	if a.Seen != nil {
		err = a.Seen(ctx, e)
	}
	return a.sum, err
}

// Note writes a text down.
func (a *Account) Note(text string) { a.Notes = append(a.Notes, text) }

// Count returns how many notes and entries there are.
func (a *Account) Count() (notes, entries int) { return len(a.Notes), len(a.Entries) }

// Wait returns when the gate opens, or with the error of its context.
func (a *Account) Wait(ctx context.Context, name string) (string, error) {
	if a.Began != nil {
		a.Began <- name
	}
	select {
	case <-a.Gate:
		return name, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Crash panics: with an error if the text is empty.
func (a *Account) Crash(text string) (int, error) {
	if text == "" {
		panic(fmt.Errorf("crash: %w", ErrClosed))
	}
	panic(text)
}

// Grow returns so many bytes, and an error of its own if that is asked for.
func (a *Account) Grow(n int, fail bool) ([]byte, error) {
	if fail {
		return make([]byte, n), ErrClosed
	}
	return make([]byte, n), nil
}

// Record keeps an entry, and returns it.
func (a *Account) Record(e Entry) (Entry, error) {
	a.Entries = append(a.Entries, e)
	return e, nil
}

// Join returns the texts.
func (a *Account) Join(texts ...string) []string { return texts }
