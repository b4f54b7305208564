//go:build go1.18

package closes

import "sync"

//go:generate go tool nanogen -type Pair

// Pair is generic, in a file whose constraint is an old release.
type Pair[K comparable, V any] struct {
	mu sync.Mutex
	m  map[K]V
}

// NewPair makes one.
func NewPair[K comparable, V any]() *Pair[K, V] { return &Pair[K, V]{m: map[K]V{}} }

// Put puts.
func (p *Pair[K, V]) Put(k K, v V) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.m[k] = v
}

// Close is called at the end of an incarnation.
func (p *Pair[K, V]) Close() { clear(p.m) }
