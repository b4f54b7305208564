// Package lazy has values that are made when they are first needed, because most never are.
package lazy

import "sync/atomic"

// A Value is a T that is made when it is needed. The zero Value has none yet. Its methods
// may be called by any goroutine, and wait for nothing.
type Value[T any] struct{ p atomic.Pointer[T] }

// Get returns the T, which it makes if there is none. All calls return the same.
func (v *Value[T]) Get() *T {
	if t := v.p.Load(); t != nil {
		return t
	}
	v.p.CompareAndSwap(nil, new(T))
	return v.p.Load()
}

// Made returns the T, or nil if there is none.
func (v *Value[T]) Made() *T { return v.p.Load() }

// Preset makes t the T if there is none, and reports whether it has done so.
func (v *Value[T]) Preset(t *T) bool { return v.p.CompareAndSwap(nil, t) }
