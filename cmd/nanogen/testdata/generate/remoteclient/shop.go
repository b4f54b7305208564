// Package shop has a service whose clients do not import it.
package shop

import (
	"context"
	"errors"

	"example.com/remoteclient/api"
)

//go:generate go tool nanogen -type Shop -remote -client api

// ErrClosed is known to clients by its text only.
var ErrClosed = errors.New("shop: closed")

// A Shop sells.
type Shop struct{ sold []api.Order }

func NewShop() *Shop { return &Shop{} }

// Buy has types of the clients' package.
func (s *Shop) Buy(ctx context.Context, o api.Order) (api.Receipt, error) {
	return api.Receipt{}, api.ErrSoldOut
}

// Closed is an event.
func (s *Shop) Closed() {}

// Stock stays.
//
//nano:local
func (s *Shop) Stock() chan int { return nil }
