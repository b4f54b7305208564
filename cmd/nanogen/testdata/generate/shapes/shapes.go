// Package shapes has all kinds of parameters and results.
package shapes

import (
	"io"
	"time"
)

//go:generate go tool nanogen -type Shapes

type private struct{}

// Alias is another name.
type Alias = map[string][]time.Duration

// List is generic, and an alias.
type List[T any] = []T

// Shapes has no fields.
type Shapes struct{}

// NewShapes takes a variable number of arguments before the options.
func NewShapes(w io.Writer, names ...string) *Shapes { return &Shapes{} }

// Unnamed has parameters without names.
func (*Shapes) Unnamed(int, string) {}

// Blank has blank parameters and results.
func (*Shapes) Blank(_ int, p1 string, _ bool) (_ int, _ error) { return 0, nil }

// Variadic takes any number.
func (*Shapes) Variadic(first int, rest ...*time.Time) int { return first }

// OnlyVariadic takes nothing else.
func (*Shapes) OnlyVariadic(...any) {}

// Channels takes and returns channels.
func (*Shapes) Channels(in <-chan int, out chan<- (<-chan int), both chan func()) chan struct{} {
	return nil
}

// Functions takes and returns functions.
func (*Shapes) Functions(f func(a, b int, rest ...string) (n int, err error), g func()) func() {
	return nil
}

// Literals takes types without names.
func (*Shapes) Literals(s struct {
	A int `json:"a"`
	b string
}, i interface {
	io.Reader
	Close() error
	hidden()
}, arrays [2][]*[3]map[string]struct{}) (any, error) {
	return nil, nil
}

// Aliases takes types by their other names.
func (*Shapes) Aliases(a Alias, l List[time.Month], r rune, b byte) (Alias, error) { return nil, nil }

// Private takes a type that is not exported.
func (*Shapes) Private(p private, q *private) private { return p }

// NotLast has an error that is not the last result.
func (*Shapes) NotLast() (error, int) { return nil, 0 }

// Value has a value receiver.
func (s Shapes) Value(n int) int { return n }

// Errors takes and returns errors.
func (*Shapes) Errors(err error) (first, second error) { return nil, err }
