package shop

import "errors"

// Limit is what an item may cost.
const Limit = 3

// ErrEmpty says that nothing is left.
var ErrEmpty = errors.New("shop: empty")

// An Item may be sold.
type Item struct {
	Price int
	note  string
}

// A Seller sells.
type Seller interface{ Sell(*Item) error }

func (i *Item) total() int {
	if i.Price > Opening {
		return 0
	}
	return i.Price * tax
}
