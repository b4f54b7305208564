//go:build go1.27

package actor

import (
	"context"

	"github.com/bruskajp/nano_services/internal/misuse"
)

// Since Go 1.27 methods have type parameters, so that what is a function for every
// version of Go is a method as well.

// Call is the function Call for this service.
func (s *Service[T]) Call[R any](ctx context.Context, f func(*T) (R, error)) (R, error) {
	misuse.Unless(f != nil, "actor: Call of a nil closure")
	return do[T, R](ctx, s, withError, f)
}

// CallContext is the function CallContext for this service.
func (s *Service[T]) CallContext[R any](ctx context.Context, f func(context.Context, *T) (R, error)) (R, error) {
	misuse.Unless(f != nil, "actor: CallContext of a nil closure")
	return do[T, R](ctx, s, withContext, f)
}

// Get is the function Get for this service. It fits method expressions:
//
//	n, err := counter.Get(ctx, (*Counter).Value)
func (s *Service[T]) Get[R any](ctx context.Context, f func(*T) R) (R, error) {
	misuse.Unless(f != nil, "actor: Get of a nil closure")
	return do[T, R](ctx, s, resultOnly, f)
}

// Async is the function Async for this service.
func (s *Service[T]) Async[R any](f func(*T) (R, error)) *Future[R] {
	misuse.Unless(f != nil, "actor: Async of a nil closure")
	return async[T, R](noContext, s, withError, f)
}
