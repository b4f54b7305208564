package run

import "context"

//go:generate go tool nanogen -type Guide -pool

// Guide has a method of each form, which calls f.
type Guide struct{ calls int }

// NewGuide makes a Guide.
func NewGuide() *Guide { return &Guide{} }

// Tell is asynchronous.
//
//nano:async
func (g *Guide) Tell(f func()) { f() }

// TellContext is asynchronous, with a context.
//
//nano:async
func (g *Guide) TellContext(ctx context.Context, f func()) { f() }

// Ask has an error.
func (g *Guide) Ask(f func()) error { f(); return nil }

// AskContext has a context and an error.
func (g *Guide) AskContext(ctx context.Context, f func()) error { f(); return nil }

// Get has a result.
func (g *Guide) Get(f func()) int { f(); return g.calls }

// GetContext has a context and a result.
func (g *Guide) GetContext(ctx context.Context, f func()) (int, error) { f(); return g.calls, nil }

// Several has several results.
func (g *Guide) Several(f func()) (int, bool, error) { f(); return g.calls, true, nil }

// Later is a future.
//
//nano:future
func (g *Guide) Later(f func()) int { f(); return g.calls }

// Batched is answered after the commit.
//
//nano:batched
func (g *Guide) Batched(f func()) (int, error) { f(); return g.calls, nil }

// Direct has nothing, and needs no closure.
func (g *Guide) Direct() int { return g.calls }
