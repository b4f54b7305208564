// Package model is the other one.
package model

// B is a type.
type B struct{}
