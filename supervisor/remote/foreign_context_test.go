package remote_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// hollow is a context that ends and does not say why.
type hollow struct {
	context.Context
	over chan struct{}
}

func (h hollow) Done() <-chan struct{} { return h.over }
func (hollow) Err() error              { return nil }

// What ends with such a context was cancelled, and has taken no place of another call.
func TestL17HollowContextsOfANode(t *testing.T) {
	gate, began := make(chan struct{}), make(chan string, 3)
	p := newPair(t, setup{
		account: func() *bank.Account { return &bank.Account{Gate: gate, Began: began} },
		caller:  remote.Config{InFlight: 1},
	})
	over := make(chan struct{})
	close(over)
	_, _, err := p.client.Count(hollow{within(t, patience), over})
	demand(t, err, actor.NotRun, context.Canceled) // there was room
	first := make(chan error, 1)
	go func() {
		_, err := p.client.Wait(within(t, patience), "first")
		first <- err
	}()
	receive(t, began)
	for name, call := range map[string]func(ctx context.Context) error{
		"call": func(ctx context.Context) error { _, _, err := p.client.Count(ctx); return err },
		"ping": func(ctx context.Context) error { _, err := p.client.Client().Ping(ctx); return err },
	} {
		for _, ended := range []bool{true, false} {
			h := hollow{within(t, patience), over}
			if !ended {
				h.over = make(chan struct{})
				go close(h.over)
			}
			t.Log(name, ended)
			demand(t, call(h), actor.NotRun, context.Canceled)
		}
	}
	if i := p.caller.Info().InFlight; i != 1 {
		t.Errorf("%d are in flight", i)
	}
	gate <- struct{}{}
	if err := receive(t, first); err != nil {
		t.Error(err)
	}
	under := hollow{within(t, patience), make(chan struct{})}
	go func() {
		_, err := p.client.Wait(under, "second")
		first <- err
	}()
	receive(t, began)
	close(under.over)
	demand(t, receive(t, first), actor.Unknown, context.Canceled)
}

// unknown is a context that package context does not know as its own.
type unknown struct{ context.Context }

func (unknown) Value(any) any { return nil }

// A context that misbehaves, at whichever question, harms its caller: also while that does not
// return, the others have all places.
func TestL17ContextsOfANode(t *testing.T) {
	p := newPair(t, setup{caller: remote.Config{
		InFlight: 1,
		Inject:   func(ctx context.Context, _ func(string, string)) { ctx.Value(0) },
		Span: func(ctx context.Context, _, _ string) (context.Context, func(error)) {
			return ctx, func(error) { _ = ctx.Err() }
		},
	}})
	for what, f := range map[string]func(ctx context.Context){
		"Invoke": func(ctx context.Context) { _, _ = p.client.Deposit(ctx, "hostile", 1) },
		"Tell": func(ctx context.Context) {
			_ = remote.Tell(ctx, p.client.Client(), "Note", noteArgs{Text: "hostile"})
		},
		"Ping": func(ctx context.Context) { _, _ = p.client.Client().Ping(ctx) },
		"Sync": func(ctx context.Context) {
			_ = remote.Tell(context.Background(), p.client.Client(), "Note", noteArgs{Text: "to be waited for"})
			_ = p.client.Client().Sync(ctx)
		},
	} {
		for _, name := range hostile.Names {
			t.Run(what+"/"+name, func(t *testing.T) {
				for _, ended := range []bool{false, true} {
					for _, bounded := range []bool{false, true} {
						for at := int64(1); at < 40 && contextOfANode(t, p, f, name, at, ended, bounded); at++ {
						}
					}
				}
			})
		}
	}
}

// noteArgs are what the cast Note has.
type noteArgs struct {
	_    struct{} `cbor:",toarray"`
	Text string
}

// contextOfANode reports whether the context was asked that question.
func contextOfANode(t *testing.T, p *pair, f func(context.Context), manner string, at int64, ended, bounded bool) bool {
	m, release := hostile.New(manner)
	acting, act := make(chan struct{}, 100), m.Act
	m.Act = func() { acting <- struct{}{}; act() }
	base, end := context.WithCancel(context.Background())
	if bounded {
		base, end = context.WithTimeout(base, patience)
	}
	defer end()
	if ended {
		end()
	}
	ctx := &hostile.Context{Context: unknown{base}, Manner: m, At: at}
	over := inside(func() { f(ctx) })
	select {
	case <-over:
	case <-acting:
	}
	_, err := p.client.Deposit(within(t, patience), "works", 1)
	if err != nil {
		t.Errorf("beside question %d (ended %t, bounded %t): %v", at, ended, bounded, err)
	}
	release()
	end()
	receive(t, over)
	return ctx.Reached()
}

// What Extract returns may misbehave when it ends: that is no harm to the binding, nor to the
// process.
func TestL17ExtractedContexts(t *testing.T) {
	for _, name := range hostile.Names {
		for _, method := range append([]string{""}, hostile.Methods...) {
			t.Run(name+"/"+method, func(t *testing.T) {
				m, release := hostile.New(name)
				t.Cleanup(release)
				var armed, extracted atomic.Bool
				base, end := context.WithCancel(context.Background())
				defer end()
				began := make(chan string, 1)
				p := newPair(t, setup{
					account: func() *bank.Account { return &bank.Account{Gate: make(chan struct{}), Began: began} },
					server: remote.Config{Extract: func(ctx context.Context, _ func(string) string) context.Context {
						if !extracted.CompareAndSwap(false, true) {
							return ctx
						}
						return &hostile.Context{Context: unknown{base}, Manner: m, Method: method, Armed: &armed}
					}},
				})
				answered := make(chan error, 1)
				go func() {
					_, err := p.client.Wait(within(t, patience), "hostile")
					answered <- err
				}()
				receive(t, began)
				armed.Store(true)
				end()
				if err := receive(t, answered); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				works(t, p)
			})
		}
	}
}

// One that has ended, and misbehaves from the beginning: the request is not run, or the binding
// is served again.
func TestL17ExtractedContextsThatHaveEnded(t *testing.T) {
	for _, name := range []string{"panics", "panics with itself", "calls Goexit", "hollow"} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			close(over)
			var extracted atomic.Int64
			ended, end := context.WithCancel(context.Background())
			end()
			p := newPair(t, setup{server: remote.Config{Extract: func(ctx context.Context, _ func(string) string) context.Context {
				switch {
				case extracted.Add(1) > 2:
					return ctx
				case name == "hollow":
					return hollow{unknown{ctx}, over}
				}
				m, _ := hostile.New(name)
				return &hostile.Context{Context: unknown{ended}, Manner: m, Method: "Err"}
			}}})
			_ = p.client.Note("hostile")
			_ = p.client.Client().Sync(within(t, patience))
			_, _ = p.client.Deposit(within(t, patience), "hostile", 1)
			works(t, p)
		})
	}
}
