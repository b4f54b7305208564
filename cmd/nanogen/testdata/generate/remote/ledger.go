// Package ledger keeps what orders are worth.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

//go:generate go tool nanogen -type DB -remote

// ErrNoDay is told of a day without orders.
var ErrNoDay = errors.New("ledger: no such day")

// errHidden is for this package only.
var errHidden = errors.New("ledger: hidden")

// A DayError says which day it was.
type DayError struct{ Day time.Time }

func (e *DayError) Error() string { return fmt.Sprint("ledger: ", e.Day, " has no orders") }

// A Full ledger takes no more.
type Full struct{ Lines int }

func (e Full) Error() string { return fmt.Sprint("ledger: full at ", e.Lines) }

// An Order is what a DB keeps.
type Order struct {
	ID    string
	Lines []Line
	Next  *Order // recursive types cross, as far as they are not too deep
}

// A Line is a part of an order.
type Line struct {
	Cents int64 `json:"cents"`
	Due   *time.Time
	Tags  map[string][]byte
}

// A DB is what is served.
type DB struct{ orders []Order }

// NewDB makes one.
func NewDB(path string) (*DB, error) { return &DB{}, errHidden }

// Put keeps an order. It has a context and an error, and is the same in struct, service and
// client.
func (d *DB) Put(ctx context.Context, o Order) error {
	d.orders = append(d.orders, o)
	return nil
}

// Total returns the worth of a day.
func (d *DB) Total(ctx context.Context, day time.Time) (cents int64, err error) { return 0, ErrNoDay }

// Len returns how many there are.
func (d *DB) Len() int { return len(d.orders) }

// Both returns two, and no error of its own.
func (d *DB) Both() (int, string) { return 0, "" }

// Note is an event.
func (d *DB) Note(text string) {}

// NoteContext is an event with a context.
func (d *DB) NoteContext(ctx context.Context, _ string, numbers ...int) {}

// Sync waits although there are no results; a client has a method of its own of this name.
//
//nano:call
func (d *DB) Sync() {}

// Names has a parameter with the name of a package, and one with that of another.
func (d *DB) Names(remote, context string, out int) (c, failed int, err error) { return }

// Sum has a variable number of arguments, without names for its results.
func (d *DB) Sum(_ ...int64) (int64, error) { return 0, nil }
