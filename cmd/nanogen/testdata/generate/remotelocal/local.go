// Package local has services of which a part is for their own process.
package local

import (
	"context"
	"errors"
)

//go:generate go tool nanogen -type Store,cache -remote -pool -out all.go

// ErrLate has a value only later.
var ErrLate error

// ErrFull is found on the other side.
var ErrFull error = errors.New("local: full")

// An OpError crosses as its text.
type OpError struct {
	Op  string
	Err error
}

func (e *OpError) Error() string { return e.Op }

// bindStore has a name that could be generated.
type bindStore struct{}

var storeInterface, storePutArgs int

// A Hint is not for others.
type Hint struct {
	Text string
	seen int
	Skip int `json:"-"`
}

// A Store has what stays in its process, and what does not arrive whole.
type Store struct{ Base }

// A Base comes with methods.
type Base struct{}

// Ping comes with the base, and crosses.
func (b *Base) Ping() error { return nil }

func NewStore() *Store { return &Store{} }

// Each stays.
//
//nano:local
func (s *Store) Each(f func(key string)) { f("") }

// Later is a future, and stays without being told to.
//
//nano:future
func (s *Store) Later() chan int { return nil }

// Saved waits for the commit.
//
//nano:batched
func (s *Store) Saved(row string) (int, error) { return 0, nil }

// Put loses a part on its way.
//
//nano:lossy
func (s *Store) Put(h Hint) error { return nil }

// Lost has results that its caller never sees.
//
//nano:async
func (s *Store) Lost() (func(), error) { return nil, nil }

// Client is a method of its own.
func (s *Store) Client(ctx context.Context, client int) (int, error) { return client, nil }

// A cache is not exported.
type cache struct{}

func newCache() *cache { return &cache{} }

func (c *cache) Load(in, out, err string) (svc string) { return in }
