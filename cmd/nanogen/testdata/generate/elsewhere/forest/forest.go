// Package forest has what is in package elsewhere as services.
package forest

import "example.com/elsewhere"

func elsewhereActor() {}

var _ elsewhere.Leaf[int]
