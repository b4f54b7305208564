// Package hostile has values whose methods misbehave, for the tests of law L17: whatever
// the library asks a value of its user's, it gets one of these for an answer.
package hostile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Manner is how a method misbehaves.
type Manner struct {
	Name string
	Act  func() // is called by each method
}

// New returns a manner by its name. It is made where it is used: a channel belongs to its
// bubble.
func New(name string) (m Manner, release func()) {
	m.Name, release = name, func() {}
	switch name {
	case "panics":
		m.Act = func() { panic("hostile") }
	case "panics with itself":
		m.Act = func() { panic(&Error{m}) }
	case "panics with an int":
		m.Act = func() { panic(Code(7)) }
	case "panics with a string":
		m.Act = func() { panic(Word("hostile")) }
	case "calls Goexit":
		m.Act = runtime.Goexit
	case "blocks":
		held := make(chan struct{})
		m.Act = func() { <-held }
		release = sync.OnceFunc(func() { close(held) })
	default:
		panic("no manner " + name)
	}
	return m, release
}

// CallsBack is the name of a manner that is not among Names: it needs something to call.
const CallsBack = "calls back in"

// NewCalling is New, also for CallsBack, which calls back.
func NewCalling(name string, back func()) (m Manner, release func()) {
	if name == CallsBack {
		return Manner{name, back}, func() {}
	}
	return New(name)
}

// Names are those of the manners.
var Names = []string{"panics", "panics with itself", "panics with an int", "panics with a string", "calls Goexit", "blocks"}

// Error is an error, and whatever else a value may say of itself, in a manner.
type Error struct{ Manner }

func (e *Error) Error() string                { e.Act(); return "" }
func (e *Error) Unwrap() error                { e.Act(); return nil }
func (e *Error) Is(error) bool                { e.Act(); return false }
func (e *Error) As(any) bool                  { e.Act(); return false }
func (e *Error) String() string               { e.Act(); return "" }
func (e *Error) GoString() string             { e.Act(); return "" }
func (e *Error) Format(fmt.State, rune)       { e.Act() }
func (e *Error) LogValue() slog.Value         { e.Act(); return slog.Value{} }
func (e *Error) MarshalJSON() ([]byte, error) { e.Act(); return nil, nil }
func (e *Error) MarshalText() ([]byte, error) { e.Act(); return nil, nil }

// Stringer is what a panic may have for a value besides an error.
type Stringer struct{ Manner }

func (s *Stringer) String() string       { s.Act(); return "" }
func (s *Stringer) LogValue() slog.Value { s.Act(); return slog.Value{} }

// Code is an error of an int, as codes are, which panics with itself whatever it is asked:
// package fmt would ask what it panics with, too.
type Code int

func (c Code) Error() string                { panic(c) }
func (c Code) Unwrap() error                { panic(c) }
func (c Code) Is(error) bool                { panic(c) }
func (c Code) As(any) bool                  { panic(c) }
func (c Code) GoString() string             { panic(c) }
func (c Code) Format(fmt.State, rune)       { panic(c) }
func (c Code) LogValue() slog.Value         { panic(c) }
func (c Code) MarshalJSON() ([]byte, error) { panic(c) }
func (c Code) MarshalText() ([]byte, error) { panic(c) }

// Word is a fmt.Stringer of a string which does the same.
type Word string

func (w Word) String() string               { panic(w) }
func (w Word) GoString() string             { panic(w) }
func (w Word) Format(fmt.State, rune)       { panic(w) }
func (w Word) LogValue() slog.Value         { panic(w) }
func (w Word) MarshalJSON() ([]byte, error) { panic(w) }
func (w Word) MarshalText() ([]byte, error) { panic(w) }

// circle wraps itself.
type circle struct{}

func (c circle) Error() string { return "a circle" }
func (c circle) Unwrap() error { return c }

// brood wraps itself twice.
type brood struct{ name string }

func (b *brood) Error() string   { return b.name }
func (b *brood) Unwrap() []error { return []error{b, b} }

// list cannot be compared.
type list []error

func (l list) Error() string { return "a list" }

// box can be compared, as its type says, and panics then.
type box struct{ in any }

func (b box) Error() string { return "a box" }

// liar says that it is whatever one asks for.
type liar struct{}

func (liar) Error() string   { return "a liar" }
func (liar) Is(error) bool   { return true }
func (liar) As(any) bool     { return true }
func (liar) Unwrap() []error { return []error{nil, liar{}} }

// Errors returns errors of all kinds that misbehave, by name. What blocks does so until
// release is called.
func Errors() (all map[string]error, release func()) {
	all = map[string]error{
		"a nil *net.OpError":    (*net.OpError)(nil),
		"a nil *fs.PathError":   (*fs.PathError)(nil),
		"a nil *Error":          (*Error)(nil),
		"wraps itself":          circle{},
		"wraps itself twice":    &brood{"a brood"},
		"cannot be compared":    list{errors.New("one")},
		"panics when compared":  box{[]int{1}},
		"lies":                  liar{},
		"panics, and is an int": Code(7),
	}
	var releases []func()
	for _, name := range Names {
		m, free := New(name)
		all[name], releases = &Error{m}, append(releases, free)
	}
	for name, err := range maps.Clone(all) {
		all[name+", wrapped"] = wrapping{err}
	}
	return all, func() {
		for _, free := range releases {
			free()
		}
	}
}

// wrapping wraps an error without asking it.
type wrapping struct{ in error }

func (w wrapping) Error() string { return "wrapping" }
func (w wrapping) Unwrap() error { return w.in }

// Handler is a slog.Handler, and a slog.Leveler, in a manner.
type Handler struct{ Manner }

func (h *Handler) Enabled(context.Context, slog.Level) bool  { h.Act(); return true }
func (h *Handler) Handle(context.Context, slog.Record) error { h.Act(); return nil }
func (h *Handler) WithAttrs([]slog.Attr) slog.Handler        { h.Act(); return h }
func (h *Handler) WithGroup(string) slog.Handler             { h.Act(); return h }
func (h *Handler) Level() slog.Level                         { h.Act(); return 0 }

// Context is a context that answers in a manner when it is asked with the method and the
// number that are given, and else as the context in it.
type Context struct {
	context.Context
	Manner
	At     int64        // the number of the question, from 1; 0: any
	Method string       // empty: any
	Armed  *atomic.Bool // not before it is true; nil: from the beginning
	asked  atomic.Int64
}

func (c *Context) ask(method string) {
	n := c.asked.Add(1)
	if (c.At == 0 || c.At == n) && (c.Method == "" || c.Method == method) && (c.Armed == nil || c.Armed.Load()) {
		c.Act()
	}
}

// Methods are those of a context that the library asks.
var Methods = []string{"Value", "Err", "Done"}

// Reached reports whether question At has been asked.
func (c *Context) Reached() bool { return c.asked.Load() >= c.At }

func (c *Context) Deadline() (time.Time, bool) { c.ask("Deadline"); return c.Context.Deadline() }
func (c *Context) Done() <-chan struct{}       { c.ask("Done"); return c.Context.Done() }
func (c *Context) Err() error                  { c.ask("Err"); return c.Context.Err() }
func (c *Context) Value(key any) any           { c.ask("Value"); return c.Context.Value(key) }

// AfterFunc is what package context looks for; its stop function is another question.
func (c *Context) AfterFunc(f func()) (stop func() bool) {
	c.ask("AfterFunc")
	stop = context.AfterFunc(c.Context, f)
	return func() bool { c.ask("AfterFunc"); return stop() }
}
