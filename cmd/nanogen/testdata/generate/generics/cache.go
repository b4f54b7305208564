// Package generics has structs with type parameters.
package generics

import (
	"cmp"
	"context"
	"fmt"
)

//go:generate go tool nanogen -type Cache,Pair,Queue -out services.go

// Number is a constraint.
type Number interface{ ~int | ~float64 }

// Cache has values by key.
type Cache[K comparable, V any] struct{ values map[K]V }

// NewCache makes a Cache. Its type parameters are in another order.
func NewCache[V any, K comparable](size int, first ...V) *Cache[K, V] {
	return &Cache[K, V]{values: make(map[K]V, size)}
}

// Put has other names for the type parameters.
func (c *Cache[Key, Value]) Put(key Key, value Value) { c.values[key] = value }

// Get returns a value.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	v, ok := c.values[key]
	return v, ok
}

// Len uses neither.
func (c *Cache[_, _]) Len() int { return len(c.values) }

// Entry has a parameter that is called as a type parameter of the type.
func (c *Cache[A, B]) Entry(K A, f func(A) B) map[A][]B { return map[A][]B{K: {f(K)}} }

// Both returns two.
//
//nano:future
func (c *Cache[K, V]) Both(k K) (key K, value V) { return k, c.values[k] }

// Pair has constraints, one that is a union, and a blank type parameter.
type Pair[A cmp.Ordered, B ~[]A, N Number, S fmt.Stringer, _ any] struct {
	a A
	b B
}

// NewPair makes a Pair.
func NewPair[A cmp.Ordered, B ~[]A, N Number, S fmt.Stringer, C any](a A) (*Pair[A, B, N, S, C], error) {
	return &Pair[A, B, N, S, C]{a: a}, nil
}

// First returns the first.
func (p *Pair[A, B, N, S, C]) First(n N, s S) A { return p.a }

// Caches works with other generic types.
func (p *Pair[A, B, N, S, C]) Caches(c *Cache[A, C]) (*Cache[string, B], error) { return nil, nil }

// Queue has only methods that keep their signature.
type Queue[T any] struct{ items []T }

func newQueue[T any](ctx context.Context) (*Queue[T], error) { return &Queue[T]{}, nil }

// Push adds an item.
func (q *Queue[Item]) Push(ctx context.Context, item Item) error {
	q.items = append(q.items, item)
	return nil
}

// Pop takes an item out.
func (q *Queue[Item]) Pop(ctx context.Context) (item Item, found bool, err error) {
	if len(q.items) == 0 {
		return item, false, nil
	}
	item, q.items = q.items[0], q.items[1:]
	return item, true, nil
}
