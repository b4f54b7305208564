package tree

import (
	"iter"

	"github.com/bruskajp/nano_services/internal/goid"
)

// A Behalf says on whose behalf a goroutine runs: for example, on that of a child of a
// supervisor, whose end waits for the goroutine. It is immutable, and nil is of nothing.
type Behalf struct {
	Of   any        // known to the package that has made it; nil: it is only of those in Also
	Also [2]*Behalf // may be nil
}

// Behalves says on whose behalf the running goroutine is.
var Behalves goid.Registry[Behalf]

// Beside returns the Behalf of a goroutine that goes on for another one, or for two.
func Beside(a, b *Behalf) *Behalf {
	if a == nil && b == nil {
		return nil
	}
	return &Behalf{Also: [2]*Behalf{a, b}}
}

// All returns everything that the Behalf is of.
func (b *Behalf) All() iter.Seq[any] {
	return func(yield func(any) bool) { b.each(yield) }
}

// Has reports whether the Behalf is of that, too.
func (b *Behalf) Has(of any) bool {
	for x := range b.All() {
		if x == of {
			return true
		}
	}
	return false
}

func (b *Behalf) each(yield func(any) bool) bool {
	return b == nil || (b.Of == nil || yield(b.Of)) && b.Also[0].each(yield) && b.Also[1].each(yield)
}
