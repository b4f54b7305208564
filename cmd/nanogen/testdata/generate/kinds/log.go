// Package kinds has a method of each kind, with and without directives.
package kinds

import (
	"context"
	"errors"
)

//go:generate go tool nanogen -type Log

// Log has lines.
type Log struct{ lines []string }

// NewLog makes a Log.
func NewLog() *Log { return &Log{} }

// Told is asynchronous.
func (l *Log) Told(line string) {}

// ToldContext is asynchronous, with a context.
func (l *Log) ToldContext(ctx context.Context, line string) {}

// Got has a result.
func (l *Log) Got(n int) string { return l.lines[n] }

// GotContext has a result and a context.
func (l *Log) GotContext(ctx context.Context, n int) string { return l.lines[n] }

// Called has a result and an error.
func (l *Log) Called(n int) (string, error) { return l.lines[n], nil }

// CalledContext has all of it.
func (l *Log) CalledContext(ctx context.Context, n int) (string, error) { return l.lines[n], nil }

// Ran has an error.
func (l *Log) Ran(n int) error { return nil }

// RanContext has a context and an error.
func (l *Log) RanContext(ctx context.Context, n int) error { return ctx.Err() }

// Several has more results than one.
func (l *Log) Several(n int) (string, int) { return l.lines[n], n }

// SeveralContext has a context, and more results than one.
func (l *Log) SeveralContext(ctx context.Context) (int, string, error) { return 0, "", nil }

// WaitedFor waits although it has no results.
//
//nano:call
func (l *Log) WaitedFor(line string) {}

// WaitedForContext is the same with a context.
//
//nano:call
func (l *Log) WaitedForContext(ctx context.Context) {}

// NotWaitedFor does not wait although it has results.
//
//nano:async
func (l *Log) NotWaitedFor(line string) (int, error) { return 0, errors.New("unheard") }

// NotWaitedForContext is the same with a context.
//
//nano:async
func (l *Log) NotWaitedForContext(ctx context.Context) int { return 0 }

// Later is waited for when the caller likes.
//
//nano:future
func (l *Log) Later(n int) (string, error) { return l.lines[n], nil }

// LaterWithoutError has no error.
//
//nano:future
func (l *Log) LaterWithoutError() int { return 0 }

// LaterWithoutResult has nothing.
//
//nano:future
func (l *Log) LaterWithoutResult(n int) {}

// LaterOnlyError has only an error.
//
//nano:future
func (l *Log) LaterOnlyError() error { return nil }

// LaterSeveral has several results.
//
//nano:future
func (l *Log) LaterSeveral(n int) (line string, number int, err error) { return l.lines[n], n, nil }

// Skipped is not for the service.
//
//nano:skip
func (l *Log) Skipped() []string { return l.lines }

// Lines shares what the service does not change any more.
//
//nano:shares
func (l *Log) Lines() []string { return l.lines }

// Nothing has neither parameters nor results.
func (l *Log) Nothing() {}

// Flush has an error and no parameters.
func (l *Log) Flush() error { return nil }

// Len has a result and no parameters.
func (l *Log) Len() int { return len(l.lines) }

// Pop has a result, an error and no parameters.
func (l *Log) Pop() (string, error) { return "", nil }

/*
Block has a comment of the other form,
with two lines.
*/
func (l *Log) Block() int { return 0 }

func (l *Log) Undocumented() {}

// Close is called by the service.
func (l *Log) Close() error { return nil }

func (l *Log) hidden() {}
