//go:build !never

package local

import "errors"

// ErrTagged is not there in each build in which a Store is.
var ErrTagged = errors.New("local: tagged")

// A TaggedError is not, either.
type TaggedError struct{ N int }

func (TaggedError) Error() string { return "local: tagged" }
