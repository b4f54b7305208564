// Package run has structs whose services the tests beside them use.
package run

import "errors"

//go:generate go tool nanogen -type Thingy

// Tally counts the thingies that were made. They share it.
type Tally interface{ Count() }

// Thingy has a number.
type Thingy struct{ number int }

// NewThingy makes a Thingy and counts it.
func NewThingy(made Tally, number int) (*Thingy, error) {
	if made == nil {
		return nil, errors.New("thingy: nobody counts")
	}
	made.Count()
	return &Thingy{number: number}, nil
}

// PlusOne adds one.
func (t *Thingy) PlusOne() { t.number++ }

// Inc adds i, which is not negative.
func (t *Thingy) Inc(i int) {
	if i < 0 {
		panic("thingy: assertion failed: i >= 0")
	}
	t.number += i
}

// Get returns the number.
func (t *Thingy) Get() int { return t.number }

// SetAndGet sets the number and returns the one before.
func (t *Thingy) SetAndGet(i int) (before int) {
	before, t.number = t.number, i
	return before
}

// Set sets the number.
func (t *Thingy) Set(i int) { t.number = i }
