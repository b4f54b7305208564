// Package elsewhere has a struct whose service is in another package.
package elsewhere

import "context"

//go:generate go tool nanogen -type Tree -out forest/tree.go

// Tree has leaves.
type Tree[T any] struct{ leaves []Leaf[T] }

// Leaf is a type of this package.
type Leaf[T any] struct{ Value T }

// NewTree makes a Tree.
func NewTree[T any](ctx context.Context, first Leaf[T]) (*Tree[T], error) {
	return &Tree[T]{[]Leaf[T]{first}}, nil
}

// Grow adds a leaf.
func (t *Tree[T]) Grow(leaf Leaf[T]) { t.leaves = append(t.leaves, leaf) }

// Leaves returns the leaves.
func (t *Tree[T]) Leaves(forest int) ([]Leaf[T], error) {
	return append([]Leaf[T](nil), t.leaves...), nil
}
