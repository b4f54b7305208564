// Package remote has the names of supervisor/remote that generated code uses, so that module
// cmd needs no NATS. What is generated for supervisor/remote/internal/shop is run with the
// real ones.
package remote

import (
	"context"

	"github.com/bruskajp/nano_services/actor"
)

type (
	Node       struct{}
	Client     struct{}
	Binding    struct{}
	BindOption func()
	Known      struct{}

	Interface[T any] struct {
		Type    string
		Methods []Method[T]
		Errors  []Known
	}
	Method[T any] struct{}

	Signatures struct {
		Type    string
		Methods []string
		Errors  []Known
	}
)

func (i *Interface[T]) Signatures() Signatures { panic("stub") }

func Call[T, A, R any](signature string, hand func(ctx context.Context, svc actor.Ref[T], args A) *actor.Future[R]) Method[T] {
	panic("stub")
}

func Cast[T, A any](signature string, hand func(ctx context.Context, svc actor.Ref[T], args A) error) Method[T] {
	panic("stub")
}

func Sentinel(name string, err error) Known { panic("stub") }

func ErrorType[E error](name string) Known { panic("stub") }

func NewClient(n *Node, name string, s Signatures) *Client { panic("stub") }

func Invoke[A, R any](ctx context.Context, c *Client, method string, args A) (R, error) {
	panic("stub")
}

func Tell[A any](ctx context.Context, c *Client, method string, args A) error { panic("stub") }

func Bind[T any](n *Node, name string, svc actor.Ref[T], i *Interface[T], opts ...BindOption) *Binding {
	panic("stub")
}
