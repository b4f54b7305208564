// Package embedded has structs with methods that they do not declare.
package embedded

import (
	"strings"
	"sync"

	"example.com/embedded/lib"
)

//go:generate go tool nanogen -type Outer

type base struct{ n int }

// Add is base's.
func (b *base) Add(by int) { b.n += by }

// Hidden is declared by Outer too.
func (b *base) Hidden() int { return 1 }

// Wait is asynchronous but for the directive.
//
//nano:call
func (b *base) Wait() {}

type deep struct{ base }

// Greeter is an interface.
type Greeter interface {
	// Greet greets.
	Greet(name string) string
}

type generic[T any] struct{ value T }

// Set sets.
func (g *generic[T]) Set(value T) { g.value = value }

// Outer declares one method.
type Outer struct {
	deep
	Greeter
	generic[[]string]
	*strings.Reader //nano:skip it is nobody's business
	//nano:skip
	sync.Mutex
	//nano:call
	*lib.Counter
}

// NewOuter makes an Outer.
func NewOuter(g Greeter) *Outer { return &Outer{Greeter: g, Counter: new(lib.Counter)} }

// Hidden is Outer's own.
func (o *Outer) Hidden() int { return o.base.Hidden() }
