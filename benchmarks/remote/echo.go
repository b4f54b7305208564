package main

import "context"

//go:generate go tool nanogen -type Echo -remote

// Echo is what all ways of asking end in.
type Echo struct{ asked int }

// NewEcho returns an Echo.
func NewEcho() *Echo { return &Echo{} }

// Echo returns what it is given.
func (e *Echo) Echo(_ context.Context, p []byte) ([]byte, error) {
	e.asked++
	return p, nil
}
