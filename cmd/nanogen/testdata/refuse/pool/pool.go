// Package pool has names that pools are to have.
package pool

//go:generate go tool nanogen -type T,TPool -pool

type T struct{}

func NewT() *T { return &T{} }

func NewTPool() *TPool { return nil }

type TPool struct{}

func TPoolOf() {}
