package laws_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// held is a service at work, with something queued, whose logger, hook or panics misbehave.
type held struct {
	svc    *actor.Service[actortest.Plain]
	served <-chan error
	free   func() // has the closure that runs return
}

// holds starts it: it is in a closure, or has just crashed with a value of that manner, or
// is declared and not served.
func holds(t *testing.T, part, at string, m hostile.Manner) held {
	t.Helper()
	opts := []actor.Option{actortest.Quiet()}
	switch part {
	case "logger":
		opts[0] = actor.WithLogger(slog.New(&hostile.Handler{Manner: m}))
	case "hook":
		opts = append(opts, actor.WithDeadLetters(func(actor.DeadLetter) { m.Act() }), actor.WithQueuePolicy(actor.FailQueue))
	}
	svc := actor.New(func(context.Context) (*actortest.Plain, error) { return new(actortest.Plain), nil }, opts...)
	gate := make(chan struct{})
	h := held{svc: svc, free: sync.OnceFunc(func() { close(gate) })}
	if at != "declared" {
		h.served = actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) {
			<-gate
			switch {
			case at == "an exit":
				actor.Exit(ctx, &hostile.Error{Manner: m})
			case at == "a crash" && part == "value":
				panic(&hostile.Error{Manner: m})
			case at == "a crash":
				panic("crash")
			}
		})
	}
	for range 3 {
		_ = svc.Do(func(*actortest.Plain) {})
	}
	if at != "a closure" {
		h.free()
	}
	synctest.Wait()
	return h
}

// Whatever logger, hook or value misbehaves, who ends a service does not wait for it longer
// than its own time.
func TestL17EndsAreNotHeldUp(t *testing.T) {
	ends := map[string]func(svc *actor.Service[actortest.Plain]){
		"Stop": func(svc *actor.Service[actortest.Plain]) {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			_ = svc.Stop(ctx)
		},
		"Stop, ended": func(svc *actor.Service[actortest.Plain]) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = svc.Stop(ctx)
		},
		"Kill":    func(svc *actor.Service[actortest.Plain]) { svc.Kill() },
		"CutOff":  func(svc *actor.Service[actortest.Plain]) { svc.CutOff(false) },
		"go on":   func(svc *actor.Service[actortest.Plain]) { svc.CutOff(true) },
		"Abandon": func(svc *actor.Service[actortest.Plain]) { svc.Abandon() },
	}
	for _, part := range []string{"logger", "hook", "value"} {
		for _, at := range []string{"a closure", "a crash", "an exit", "declared"} {
			for end, f := range ends {
				actortest.EachManner(t, part+"/"+at+"/"+end, func(t *testing.T, m hostile.Manner, release func()) {
					h := holds(t, part, at, m)
					begun := time.Now()
					f(h.svc)
					most := time.Second
					if end == "Stop" {
						most += 5 * time.Second
					}
					if took := time.Since(begun); took > most {
						t.Errorf("took %v", took)
					}
					time.Sleep(time.Second)                 // the service's own goroutine may have something to do yet
					if end == "go on" || end == "Abandon" { // it can be served again
						h.free()
						synctest.Wait()
						h.svc.CutOff(end == "go on")
						h.svc.Kill()
					} else if end != "CutOff" {
						select {
						case <-h.svc.Done():
						default:
							t.Errorf("it has not ended: %+v", h.svc.Info())
						}
						h.free()
					} else {
						if s := h.svc.Info().State; s == actor.Running || s == actor.Draining {
							t.Errorf("it is %v", s)
						}
						h.free()
						h.svc.Kill()
					}
					release()
					if h.served != nil {
						<-h.served
					}
					actortest.Balanced(t, h.svc.Info())
				})
			}
		}
	}
}

// armed is an error that may be asked until its service is over.
type armed struct {
	t    *testing.T
	over *atomic.Bool
}

func (e armed) ask(method string) {
	if e.over.Load() {
		e.t.Errorf("%s was called by who looks", method)
	}
}

func (e armed) Error() string { e.ask("Error"); return "armed" }
func (e armed) Unwrap() error { e.ask("Unwrap"); return io.EOF }

// Who looks at a service does not ask the error with which it has ended, however it has.
func TestL17WhoLooksReadsWhatWasKept(t *testing.T) {
	bg := context.Background()
	for way, f := range map[string]func(svc *actor.Service[actortest.Closable], err error){
		"constructor": nil,
		"Close":       nil,
		"a panic": func(svc *actor.Service[actortest.Closable], err error) {
			_ = svc.Do(func(*actortest.Closable) { panic(err) })
		},
		"Exit": func(svc *actor.Service[actortest.Closable], err error) {
			_ = svc.DoContext(bg, func(ctx context.Context, _ *actortest.Closable) { actor.Exit(ctx, err) })
		},
		"Go": func(svc *actor.Service[actortest.Closable], err error) {
			_ = actor.Go(svc, func(context.Context) error { return err })
		},
		"a panic of Go": func(svc *actor.Service[actortest.Closable], err error) {
			_ = actor.Go(svc, func(context.Context) error { panic(err) })
		},
	} {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var over atomic.Bool
				err := armed{t, &over}
				svc := actor.New(func(context.Context) (*actortest.Closable, error) {
					if way == "constructor" {
						return nil, err
					}
					c := new(actortest.Closable)
					if way == "Close" {
						c.Err = err
					}
					return c, nil
				}, actortest.Quiet())
				served := actortest.Serve(actortest.Supervised(bg), svc)
				synctest.Wait()
				if f != nil {
					f(svc, err)
				} else if way == "Close" {
					_ = svc.DoContext(bg, func(ctx context.Context, _ *actortest.Closable) { actor.Exit(ctx, nil) })
				}
				got := <-served
				over.Store(true)
				for name, e := range map[string]error{"Serve": got, "Err": svc.Err()} {
					if !errors.Is(e, io.EOF) || !strings.Contains(e.Error(), "armed") || !errors.As(e, new(armed)) {
						t.Errorf("%s: %v", name, e)
					}
					_ = actor.OutcomeOf(e)
				}
				_ = svc.Info()
				actortest.Stop(t, svc)
			})
		})
	}
}

// A context of Serve that misbehaves harms who brings it: the service can be looked at
// meanwhile, and served with another one.
func TestL17ContextOfServeOfAService(t *testing.T) {
	for _, method := range hostile.Methods {
		actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, release func()) {
			var armed atomic.Bool
			armed.Store(true)
			svc := actor.New(func(context.Context) (*actortest.Plain, error) { return new(actortest.Plain), nil }, actortest.Quiet())
			go func() {
				defer func() { _ = recover() }()
				ctx, cancel := context.WithCancel(actortest.Supervised(context.Background()))
				cancel()
				_ = svc.Serve(&hostile.Context{Context: ctx, Manner: m, Method: method, Armed: &armed})
			}()
			synctest.Wait()
			if i := svc.Info(); i.State != actor.Pending && i.State != actor.Down {
				t.Errorf("it is %v", i.State)
			}
			armed.Store(false)
			release()
			synctest.Wait()
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			if err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil }); err != nil && !errors.Is(err, actor.ErrStopped) {
				t.Error(err)
			}
			svc.Kill()
			<-served
		})
	}
}

// A context of Serve may go bad while the service runs. It is asked nothing meanwhile, and its
// end is noticed all the same. What Serve asks it last, for the labels of the goroutine that it
// gives back, is asked when the service is down already, and harms the caller of Serve alone.
func TestL17ContextOfServeThatGoesBad(t *testing.T) {
	for _, method := range hostile.Methods {
		actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, _ func()) {
			svc := actor.New(func(context.Context) (*actortest.Plain, error) { return new(actortest.Plain), nil }, actortest.Quiet())
			base, cancel := context.WithCancel(context.Background())
			defer cancel()
			var bad atomic.Bool
			go func() {
				defer func() { _ = recover() }()
				_ = svc.Serve(&hostile.Context{Context: base, Manner: m, Method: method, Armed: &bad})
			}()
			synctest.Wait()
			bad.Store(true)
			if err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil }); err != nil {
				t.Error(err)
			}
			cancel()
			time.Sleep(time.Minute) // it is asked why it has ended, and not for long
			if i := svc.Info(); i.State != actor.Down {
				t.Errorf("it is %v", i.State)
			}
			if err := svc.Err(); err != nil {
				t.Errorf("it has ended with %v", err)
			}
		})
	}
}

// What a crash asks of the context of its sender, and what a refusal says, is asked where
// the service can be cut off, and that it ends the goroutine skips nothing.
func TestL17AskedInItsTurn(t *testing.T) {
	bg := context.Background()
	for _, part := range []string{"sender", "interceptor"} {
		actortest.EachManner(t, part, func(t *testing.T, m hostile.Manner, release func()) {
			var armed atomic.Bool
			opts := []actor.Option{actortest.Quiet()}
			if part == "interceptor" {
				opts = append(opts, actor.WithInterceptor(func(_ actor.Closure, run func() error) error {
					if armed.Load() {
						return &hostile.Error{Manner: m}
					}
					return run()
				}))
			}
			svc := actor.New(func(context.Context) (*actortest.Plain, error) { return new(actortest.Plain), nil }, opts...)
			served := actortest.Serve(actortest.Supervised(bg), svc)
			called := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithCancel(bg)
				defer cancel()
				armed.Store(part == "interceptor")
				if part == "sender" {
					ctx = &hostile.Context{Context: ctx, Manner: m, Method: "Value", Armed: &armed}
				}
				called <- svc.Run(ctx, func(*actortest.Plain) error {
					armed.Store(true)
					panic("crash")
				})
			}()
			synctest.Wait()
			armed.Store(false)
			if m.Name == "blocks" {
				svc.CutOff(true)
				release()
			}
			if err := <-called; err == nil {
				t.Error("the call has succeeded")
			}
			synctest.Wait()
			select {
			case <-served:
				served = actortest.Serve(actortest.Supervised(bg), svc)
			default: // it was refused, and that is no crash
			}
			if err := svc.Run(bg, func(*actortest.Plain) error { return nil }); err != nil {
				t.Error(err)
			}
			svc.Kill()
			<-served
		})
	}
}

// A Stop that finds another one at the queue of a service which is not served waits for that, and
// no longer than its context.
func TestL17StopBehindAnotherThatTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return new(actortest.Plain), nil },
			actortest.Quiet(), actor.WithDeadLetters(func(actor.DeadLetter) { <-gate }))
		actortest.Do(t, svc, nothingOf)
		first := make(chan error, 1)
		go func() { first <- svc.Stop(context.Background()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := svc.Stop(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "stopped before all it had accepted was run") {
			t.Errorf("the second Stop returns %v", err)
		}
		close(gate)
		if err := <-first; err != nil {
			t.Errorf("the first Stop returns %v", err)
		}
	})
}
