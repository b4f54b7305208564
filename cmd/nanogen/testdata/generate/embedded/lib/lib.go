// Package lib has a type that another package embeds.
package lib

import "slices"

// Counter counts.
type Counter struct{ n int }

// Among returns out of a range over a function. The compiler calls its result #rv1.
func (c *Counter) Among(all ...int) bool {
	for n := range slices.Values(all) {
		if n == c.n {
			return true
		}
	}
	return false
}

// Done is one of the methods that a supervisor looks for.
func (c *Counter) Done() { c.n-- }

// Count has a doc comment in another package, and by a name.
func (c *Counter) Count(by int) int { return c.n }

// More stays asynchronous but for the directive at the field.
func (c *Counter) More() { c.n++ }
