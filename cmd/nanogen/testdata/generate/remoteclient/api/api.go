// Package api is what clients of a shop need.
package api

import "errors"

// ErrSoldOut is found by clients.
var ErrSoldOut = errors.New("api: sold out")

type (
	// An Order is what is bought.
	Order struct{ Names []string }

	// A Receipt is what is got for it.
	Receipt struct{ Cents int }

	// shopInterface has a name that could be generated.
	shopInterface struct{}
)
