package shop

const tax = 2

var opened int

// A Shop has a seller.
type Shop struct{ seller Seller }

// Sell writes the content of a box on it, and sells it.
func (s *Shop) Sell(b *Box[string]) error {
	if b.total() == 0 {
		return ErrEmpty
	}
	b.note = b.open()
	return s.seller.Sell(&b.Item)
}
