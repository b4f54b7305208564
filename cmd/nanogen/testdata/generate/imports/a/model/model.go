// Package model is one of two.
package model

// A is a type.
type A struct{}
