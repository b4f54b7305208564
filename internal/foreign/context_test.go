package foreign_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// hollow is a context that has ended and does not say why.
type hollow struct{ context.Context }

func (hollow) Err() error { return nil }

func TestL17EndedWithoutAReason(t *testing.T) {
	if err := foreign.Why(hollow{t.Context()}); err != context.Canceled {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-ctx.Done()
	if err := foreign.Why(ctx); err != context.DeadlineExceeded {
		t.Error(err)
	}
}

// The cause of a context is compared, and asked only if that runs no code of the user's.
func TestL17CauseIsCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, release := hostile.Errors()
		defer release()
		all["another"] = io.EOF
		for name, cause := range all {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			answered := make(chan bool, 1)
			go func() {
				defer close(answered)
				answered <- foreign.Caused(ctx, io.ErrUnexpectedEOF)
			}()
			synctest.Wait()
			select {
			case yes, ok := <-answered:
				if yes || !ok {
					t.Errorf("%s: %t, and returned: %t", name, yes, ok)
				}
			default:
				t.Errorf("%s: it was asked", name)
			}
		}
		for _, cause := range []error{io.EOF, fmt.Errorf("wrapped: %w", io.EOF), foreign.Keep(errors.Join(code(1), io.EOF))} {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			if !foreign.Caused(ctx, io.EOF) {
				t.Errorf("%v: it is not", cause)
			}
		}
	})
}

// noisy is a context whose methods panic once it has ended.
type noisy struct {
	context.Context
	done chan struct{}
}

func (n noisy) Done() <-chan struct{} { return n.done }
func (n noisy) Err() error            { return n.ended() }
func (n noisy) Value(any) any         { _ = n.ended(); return nil }

func (n noisy) ended() error {
	select {
	case <-n.done:
		panic("no")
	default:
		return nil
	}
}

// after is a context that has an AfterFunc, and does not say why it has ended.
type after struct {
	hollow
	done chan struct{}
}

func (a after) Done() <-chan struct{} { return a.done }

// AfterFunc calls it at once, under the lock under which it is called.
func (a after) AfterFunc(f func()) (stop func() bool) {
	f()
	return func() bool { panic("no") }
}

// Package context asks its parents when they have ended, on a goroutine of its own or that
// of who ended them.
func TestL17SoundParents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		a := after{hollow{t.Context()}, over}
		for _, parent := range []context.Context{noisy{t.Context(), over}, a} {
			ctx, cancel := context.WithCancel(foreign.Sound(parent))
			defer cancel()
			defer func() {
				if ctx.Err() != context.Canceled {
					t.Errorf("%T: ended with %v", parent, ctx.Err())
				}
			}()
		}
		close(over)
		synctest.Wait()
	})
}

// silent is a context that package context does not know as its own.
type silent struct{ context.Context }

func (silent) Value(any) any { return nil }

// However a context misbehaves when it has ended, what is derived from it ends: at once, or
// when the answer has been waited for.
func TestL17WhatIsDerivedEnds(t *testing.T) {
	for _, name := range hostile.Names {
		for _, method := range []string{"Err", "Value"} {
			synctest.Test(t, func(t *testing.T) {
				m, release := hostile.New(name)
				var armed atomic.Bool
				base, end := context.WithCancel(t.Context())
				sound := foreign.Sound(&hostile.Context{Context: silent{base}, Manner: m, Method: method, Armed: &armed})
				ctx, cancel := context.WithCancel(sound)
				defer cancel()
				armed.Store(true)
				begun := time.Now()
				end()
				<-ctx.Done()
				if took := time.Since(begun); took > foreign.Patience || ctx.Err() != context.Canceled || context.Cause(sound) != context.Canceled {
					t.Errorf("%s, which %s: after %v: %v, %v", method, name, took, ctx.Err(), context.Cause(sound))
				}
				release()
			})
		}
	}
}

// What a context says when it has ended is asked once, and kept.
func TestL17WhyIsKept(t *testing.T) {
	actortest.EachError(t, "why", func(t *testing.T, name string, err error, release func()) {
		base, end := context.WithCancel(t.Context())
		ctx := ending{base, err}
		end()
		sound := foreign.Sound(ctx)
		if strings.HasPrefix(name, "panics") || name == "lies" {
			for what, got := range map[string]error{"Why": foreign.Why(ctx), "ErrOf": foreign.ErrOf(ctx)} {
				if _, kept := got.(*foreign.Kept); !kept {
					t.Errorf("%s is a %T", what, got)
				}
			}
		}
		if why := sound.Err(); why == nil || why != sound.Err() || why.Error() == "" {
			t.Errorf("%v", why)
		}
		release()
	})
}

// ending is a context that ends with an error.
type ending struct {
	context.Context
	err error
}

func (e ending) Err() error { return e.err }

func TestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan struct{})
		close(closed)
		ended, end := context.WithCancel(t.Context())
		end()
		for range 100 { // both are ready: what has come counts, each time
			if !foreign.First(closed, ended) {
				t.Fatal("done was closed, and so was the context")
			}
		}
		if foreign.First(make(chan struct{}), ended) {
			t.Error("a channel that is open was first")
		}
		later := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(later) })
		if !foreign.First(later, t.Context()) {
			t.Error("a context that goes on was first")
		}
	})
}
