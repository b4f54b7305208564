//go:build go1.9999

package shop

// Later is counted. What it uses is not.
func Later() { begins() }

// Map has a type parameter of its own, which not each version of Go can parse.
func (s *Shop) Map[T any](f func(Item) T) T { return f(Item{}) }
