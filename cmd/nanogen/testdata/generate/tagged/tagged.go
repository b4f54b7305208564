//go:build !windows

// Package tagged is built only on some machines.
package tagged

type small struct{}

func newSmall() *small { return &small{} }

// Grow is exported, of a struct that is not.
func (s *small) Grow() {}
