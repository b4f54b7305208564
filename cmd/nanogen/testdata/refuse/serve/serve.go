package serve

import "context"

//go:generate go tool nanogen -type A,B,C,D

type A struct{}

func NewA() *A { return &A{} }

func (a *A) Serve(ctx context.Context) error { return nil }

type B struct{}

func NewB() *B { return &B{} }

func (b *B) Serve() error { return nil }

type C struct{}

func NewC() *C { return &C{} }

func (c *C) Serve(ctx context.Context) {}

type D struct{}

func NewD() *D { return &D{} }

//nano:skip
func (d *D) Serve(ctx context.Context) error { return nil }
