package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// witness is a T that knows whether something ended its incarnation, and notes
// what is done with it afterwards.
type witness struct {
	number int
	broken bool
	closes int
	after  []string
}

func (w *witness) use(what string) {
	if w.broken || w.closes > 0 {
		w.after = append(w.after, what)
	}
}

// String is what a careless record of a crash would call.
func (w *witness) String() string { w.use("String"); return "witness" }

// MarshalText and Error are, too.
func (w *witness) MarshalText() ([]byte, error) { w.use("MarshalText"); return nil, nil }
func (w *witness) Error() string                { w.use("Error"); return "witness" }

func (w *witness) Close() error {
	if w.closes++; w.closes > 1 {
		w.after = append(w.after, "Close")
	}
	return nil
}

// After each ending, the next incarnation has a new T from the constructor, which
// was called after the old one was closed. Nothing but Close was done with the old
// one since its end, and that once.
func TestL8FreshState(t *testing.T) {
	for _, e := range badEnds() {
		for _, w := range ways[witness]() {
			synctest.Test(t, func(t *testing.T) {
				var made []*witness
				svc := actor.New(func(context.Context) (*witness, error) {
					for _, old := range made {
						if old.closes != 1 {
							t.Errorf("%s: built before number %d was closed", e.name, old.number)
						}
					}
					made = append(made, &witness{number: len(made)})
					return made[len(made)-1], nil
				}, actortest.Quiet())
				for n := range 3 {
					served := actortest.Serve(actortest.Supervised(context.Background()), svc)
					// Queued before the end, run by the next one; and others to come then.
					var used *witness
					if err := w.run(t.Context(), svc, func(v *witness) { v.use(w.name); used = v }); err != nil {
						t.Errorf("%s: %s: %v", e.name, w.name, err)
					}
					if len(made) != n+1 || used != made[n] {
						t.Errorf("%s: %s ran on another T", e.name, w.name)
					}
					if err := svc.DoContext(t.Context(), func(ctx context.Context, v *witness) {
						v.broken = true
						e.end(ctx)
					}); err != nil {
						t.Error(err)
					}
					actortest.Do(t, svc, func(v *witness) { v.use("queued") })
					<-served
				}
				actortest.Stop(t, svc)
				for _, v := range made {
					if v.closes != 1 || len(v.after) != 0 {
						t.Errorf("%s: number %d: closed %d times; afterwards %v", e.name, v.number, v.closes, v.after)
					}
				}
			})
		}
	}
}

// Close is called exactly once per incarnation, however that ends, and not at all
// if there was no T.
func TestL8CloseOncePerIncarnation(t *testing.T) {
	type service = *actor.Service[actortest.Closable]
	rows := []struct {
		name string
		end  func(t *testing.T, svc service, cancel context.CancelCauseFunc)
	}{
		{"Stop", func(t *testing.T, svc service, _ context.CancelCauseFunc) { actortest.Stop(t, svc) }},
		{"Stop twice", func(t *testing.T, svc service, _ context.CancelCauseFunc) {
			actortest.Stop(t, svc)
			actortest.Stop(t, svc)
		}},
		{"Kill", func(_ *testing.T, svc service, _ context.CancelCauseFunc) { svc.Kill() }},
		{"Stop, then Kill", func(t *testing.T, svc service, _ context.CancelCauseFunc) {
			actortest.Stop(t, svc)
			svc.Kill()
		}},
		{"the context ends", func(_ *testing.T, _ service, cancel context.CancelCauseFunc) { cancel(nil) }},
		{"restart", func(_ *testing.T, _ service, cancel context.CancelCauseFunc) { cancel(actor.Restart) }},
		{"crash", func(t *testing.T, svc service, _ context.CancelCauseFunc) {
			actortest.Do(t, svc, func(*actortest.Closable) { panic("crash") })
		}},
		{"crash and Stop", func(t *testing.T, svc service, _ context.CancelCauseFunc) {
			actortest.Do(t, svc, func(*actortest.Closable) { go stopAside(svc); panic("crash") })
		}},
		{"Goexit", func(t *testing.T, svc service, _ context.CancelCauseFunc) {
			actortest.Do(t, svc, func(*actortest.Closable) { vanish() })
		}},
		{"Kill while a closure runs", func(t *testing.T, svc service, _ context.CancelCauseFunc) {
			b := actortest.Occupy(t, svc)
			svc.Kill()
			b.LetGo()
		}},
		{"cut off, then a crash", func(t *testing.T, svc service, _ context.CancelCauseFunc) {
			b := actortest.NewBlocker[actortest.Closable]()
			actortest.Do(t, svc, func(c *actortest.Closable) { b.Run(c); panic("crash") })
			<-b.Started
			svc.CutOff(false)
			b.LetGo()
		}},
	}
	for _, row := range rows {
		synctest.Test(t, func(t *testing.T) {
			f := &actortest.Factory{}
			svc := actor.New(f.Build, actortest.Quiet())
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			served := actortest.Serve(actortest.Supervised(ctx), svc)
			synctest.Wait()
			row.end(t, svc, cancel)
			<-served
			svc.Kill()
			synctest.Wait()
			if made := f.List(); len(made) != 1 || made[0].Closes.Load() != 1 {
				t.Errorf("%s: %d made, the first closed %d times", row.name, len(made), made[0].Closes.Load())
			}
		})
	}
}

func stopAside(svc interface{ Stop(context.Context) error }) { _ = svc.Stop(context.Background()) }

// A T that came with an error, or did not come, is not closed: the constructor
// keeps what it did not hand over.
func TestL8NoStateNoClose(t *testing.T) {
	kept := &actortest.Closable{}
	for _, build := range []func(context.Context) (*actortest.Closable, error){
		func(context.Context) (*actortest.Closable, error) { return nil, errLost },
		func(context.Context) (*actortest.Closable, error) { return nil, nil },
		func(context.Context) (*actortest.Closable, error) { panic("crash") },
		func(context.Context) (*actortest.Closable, error) { return kept, errLost },
	} {
		svc := actor.New(build, actortest.Quiet())
		if err := <-actortest.Serve(actortest.Supervised(t.Context()), svc); err == nil {
			t.Error("Serve = nil")
		}
		svc.Kill()
	}
	if n := kept.Closes.Load(); n != 0 {
		t.Errorf("closed %d times", n)
	}
}

// WithoutClose leaves a closable T alone.
func TestL8WithoutClose(t *testing.T) {
	state := &actortest.Closable{}
	svc := actor.Start(state, actor.WithoutClose(), actortest.Quiet())
	actortest.Do(t, svc, func(*actortest.Closable) { panic("crash") })
	<-svc.Done()
	if n := state.Closes.Load(); n != 0 {
		t.Errorf("closed %d times", n)
	}
}

// A failing Exit closes T as well, and its error is what Serve returns.
func TestL8ExitCloses(t *testing.T) {
	f := &actortest.Factory{}
	svc := actor.New(f.Build, actortest.Quiet())
	if err := svc.DoContext(t.Context(), func(ctx context.Context, _ *actortest.Closable) {
		actor.Exit(ctx, errLost)
	}); err != nil {
		t.Error(err)
	}
	if err := <-actortest.Serve(actortest.Supervised(t.Context()), svc); !errors.Is(err, errLost) {
		t.Errorf("Serve = %v", err)
	}
	if n := f.List()[0].Closes.Load(); n != 1 {
		t.Errorf("closed %d times", n)
	}
	svc.Kill()
}
