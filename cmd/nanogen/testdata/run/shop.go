package run

import (
	"context"
	"errors"
	"fmt"
)

//go:generate go tool nanogen -type Shop,Stock

// Buyer is the tests' own interface, which Shop and ShopService implement.
type Buyer interface {
	Buy(ctx context.Context, what string) (left int, err error)
}

var _, _ Buyer = (*Shop)(nil), ShopService{}

// ErrSoldOut is an error of the struct's own.
var ErrSoldOut = errors.New("sold out")

type keyOfCustomer struct{}

// Stock has things.
type Stock struct {
	shop   func() ShopService // to call it back
	things map[string]int
}

func newStock(shop func() ShopService, things map[string]int) *Stock {
	copied := map[string]int{}
	for what, n := range things {
		copied[what] = n
	}
	return &Stock{shop, copied}
}

// Take takes a thing.
func (s *Stock) Take(ctx context.Context, what string) (int, error) {
	switch n := s.things[what]; {
	case what == "bomb":
		panic(fmt.Errorf("exploded: %w", ErrSoldOut))
	case what == "boomerang":
		return s.shop().Buy(ctx, what)
	case n == 0:
		return 0, fmt.Errorf("%s for %v: %w", what, ctx.Value(keyOfCustomer{}), ErrSoldOut)
	default:
		s.things[what] = n - 1
		return n - 1, nil
	}
}

// Wait blocks until its context ends.
func (s *Stock) Wait(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// Restock is asynchronous, and has a context.
func (s *Stock) Restock(ctx context.Context, what string, n int) {
	s.things[what] = n
	s.things["deadlines"] = 0
	if _, ok := ctx.Deadline(); ok {
		s.things["deadlines"] = 1
	}
}

// Count has several results.
func (s *Stock) Count(what string) (n int, known bool) {
	n, known = s.things[what]
	return n, known
}

// Later is a future.
//
//nano:future
func (s *Stock) Later(what string) (n int, name string, err error) {
	if s.things[what] == 0 {
		return 0, what, ErrSoldOut
	}
	return s.things[what], what, nil
}

// Shop sells what another service has.
type Shop struct{ stock StockService }

// NewShop makes a Shop.
func NewShop(stock StockService) (*Shop, error) { return &Shop{stock}, nil }

// Buy keeps its signature.
func (s *Shop) Buy(ctx context.Context, what string) (left int, err error) {
	return s.stock.Take(ctx, what)
}
