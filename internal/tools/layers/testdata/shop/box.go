package shop

// A Box is an item with something in it.
type Box[T any] struct {
	Item
	content T
}

func (b *Box[T]) open() T {
	begins()
	return b.content
}
