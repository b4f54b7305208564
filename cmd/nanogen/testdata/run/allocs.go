package run

import "context"

//go:generate go tool nanogen -type Counter,Cell

// Counter has a method for each way to be called.
type Counter struct{ n int }

func newCounter() *Counter { return new(Counter) }

// Inc has no parameters.
func (c *Counter) Inc() { c.n++ }

// Add has one.
func (c *Counter) Add(by int) { c.n += by }

// Value has a result.
func (c *Counter) Value() int { return c.n }

// Swap has a parameter and a result.
func (c *Counter) Swap(n int) int { n, c.n = c.n, n; return n }

// Try has an error too.
func (c *Counter) Try(n int) (int, error) { return n + c.n, nil }

// Check has an error only.
func (c *Counter) Check() error { return nil }

// Fetch keeps its signature. It does not use its context, which costs more then.
func (c *Counter) Fetch(ctx context.Context, n int) (int, error) { return n + c.n, nil }

// Divide has several results.
func (c *Counter) Divide(by int) (int, int) { return c.n / by, c.n % by }

// Cell is generic.
type Cell[T any] struct{ value T }

func newCell[T any]() *Cell[T] { return new(Cell[T]) }

// Load has no parameters.
func (c *Cell[T]) Load() T { return c.value }

// Store has one.
func (c *Cell[T]) Store(value T) { c.value = value }
