package constructor

import "context"

//go:generate go tool nanogen -type None,Wrong,Value,Three,Half,Pair,Narrow,Swapped

type None struct{}

type Wrong struct{}

func NewWrong() (*None, error) { return nil, nil }

type Value struct{}

func NewValue() Value { return Value{} }

type Three struct{}

func NewThree(ctx context.Context) (*Three, int, error) { return nil, 0, nil }

type Half[K comparable, V any] struct{}

func NewHalf[V any]() *Half[string, V] { return nil }

type Pair[A, B any] struct{}

func NewPair[A any]() *Pair[A, A] { return nil }

type Narrow[T any] struct{}

func NewNarrow[T comparable]() *Narrow[T] { return nil }

// Swapped is no method, so its constructor is none.
type Swapped struct{}

func (s *Swapped) NewSwapped() *Swapped { return &Swapped{} }

var NewSwapped = func() *Swapped { return nil }
