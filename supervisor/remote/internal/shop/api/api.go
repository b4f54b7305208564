// Package api is what callers of a shop need: the client that is generated here, and the
// types of its methods. They do not link what a shop is made of.
package api

import (
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"time"
)

// ErrSoldOut is found by errors.Is on the other side.
var ErrSoldOut = errors.New("api: sold out")

// LimitError is found by errors.As, as a pointer.
type LimitError struct{ Asked, Limit int }

func (e *LimitError) Error() string { return fmt.Sprintf("api: %d is more than %d", e.Asked, e.Limit) }

// DayError is found by errors.As, as a value and as a pointer.
type DayError struct{ Day time.Time }

func (e DayError) Error() string { return "api: closed on " + e.Day.Format(time.DateOnly) }

// Color is a number that crosses as its text.
type Color int

// MarshalText refuses a color that there is not.
func (c Color) MarshalText() ([]byte, error) {
	if c < 0 {
		return nil, errors.New("api: no such color")
	}
	return fmt.Append(nil, "color-", int(c)), nil
}

// UnmarshalText panics at one that is not from here.
func (c *Color) UnmarshalText(text []byte) error {
	if _, err := fmt.Sscanf(string(text), "color-%d", (*int)(c)); err != nil {
		panic("api: a color that is none: " + string(text))
	}
	return nil
}

type (
	// Everything has one field of each kind that crosses.
	Everything struct {
		Bool    bool
		Int8    int8
		Int64   int64
		Uint64  uint64
		Float   float64
		Float32 float32
		Text    string
		Bytes   []byte
		Fixed   [4]byte
		Color   Color
		Colors  []Color
		Due     time.Time
		Took    time.Duration
		Link    url.URL
		Addr    netip.Addr
		Big     *big.Int
		Ptr     *string
		Nil     *Tree
		Tree    Tree
		List    []Tree
		Named   map[string][]int16
		Numbers map[int32]*Tree
		Empty   struct{}
		Renamed string `json:"other_name"`
		Pair[int, []string]
		base
	}

	// Tree contains itself.
	Tree struct {
		Name        string
		Left, Right *Tree
	}

	// Pair is generic.
	Pair[A, B any] struct {
		First  A
		Second B
	}

	base struct{ Embedded string }

	// Ticket loses its number on its way.
	Ticket struct {
		Holder string
		number int
	}
)

// WithBase sets what is embedded and not exported.
func (e Everything) WithBase(s string) Everything {
	e.Embedded = s
	return e
}

// NewTicket returns a ticket with a number.
func NewTicket(holder string, number int) Ticket { return Ticket{holder, number} }

// Number returns the ticket's number.
func (t Ticket) Number() int { return t.number }
