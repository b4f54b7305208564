package arity

//go:generate go tool nanogen -type Map

type Map[K comparable, V any] struct{ m map[K]V }

func NewMap[K comparable, V any]() *Map[K] { return nil }

func (m *Map[K, V]) Put(k K, v V) {}
