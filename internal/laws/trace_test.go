package laws_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/tree"
)

// While tracing is on an incarnation is a task and each closure a region of it, of a
// service that was there before as of one that comes later; afterwards nothing is left
// around closures.
func TestTraceHasTasksAndRegions(t *testing.T) {
	ctx := context.Background()
	early := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("early"))
	if err := early.Run(ctx, actortest.Nothing); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := trace.Start(&text); err != nil {
		t.Skipf("no trace: %v", err)
	}
	late := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("late"))
	for range 3 {
		for _, svc := range []*actor.Service[actortest.Plain]{early, late} {
			if err := svc.Run(ctx, func(*actortest.Plain) error { return nil }); err != nil {
				t.Error(err)
			}
		}
	}
	trace.Stop()
	for _, want := range []string{"service early", "service late", "laws_test.TestTraceHasTasksAndRegions.func1 trace_test.go:"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in a trace of %d bytes", want, text.Len())
		}
	}
	actortest.Stop(t, early)
	actortest.Stop(t, late)
}

// goroutines is the text of the goroutine profile, with labels.
func goroutines(t *testing.T) string {
	var text bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&text, 1); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// The goroutine of a service carries its label once it has something to do, in each
// incarnation and under its present path, and the goroutine that called Serve has its
// own labels again.
func TestLabelsOfGoroutines(t *testing.T) {
	svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet(), actor.WithName("labelled"))
	ask := func() {
		if err := svc.Run(context.Background(), actortest.Nothing); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{"tree/one", "tree/two"} {
		ctx, cancel := context.WithCancel(context.Background())
		ctx = pprof.WithLabels(ctx, pprof.Labels("who", "server-"+path[5:]))
		ctx = tree.WithPlace(ctx, tree.Place{Path: path})
		served, release := make(chan error), make(chan struct{})
		go func() {
			served <- svc.Serve(ctx)
			<-release
		}()
		ask()
		ask()
		if g := goroutines(t); !strings.Contains(g, `"service":"`+path+`"`) {
			t.Errorf("no goroutine of %s:\n%s", path, g)
		}
		actortest.Do(t, svc, actortest.Panics)
		<-served
		g := goroutines(t)
		if strings.Contains(g, `"service":"`+path+`"`) || !strings.Contains(g, `"who":"server-`+path[5:]+`"`) {
			t.Errorf("after Serve:\n%s", g)
		}
		close(release)
		cancel()
	}
	actortest.Stop(t, svc)
}

// The contexts of closures carry the label, and only that, so that pprof.Do in a closure
// adds to it and leaves it in place.
func TestLabelsOfContexts(t *testing.T) {
	var inner, after string
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("own"))
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("service", "sender", "request", "7"))
	look := func(ctx context.Context, _ *actortest.Plain) error {
		pprof.Do(ctx, pprof.Labels("part", "x"), func(context.Context) { inner = goroutines(t) })
		after = goroutines(t)
		if v, _ := pprof.Label(ctx, "service"); v != "own" {
			t.Errorf("the context says %q", v)
		}
		if v, ok := pprof.Label(ctx, "request"); ok {
			t.Errorf("the sender's label %q", v)
		}
		return nil
	}
	if err := svc.RunContext(ctx, look); err != nil {
		t.Error(err)
	}
	if !strings.Contains(inner, `"part":"x", "service":"own"`) {
		t.Errorf("in pprof.Do:\n%s", inner)
	}
	if !strings.Contains(after, `{"service":"own"}`) || strings.Contains(after, `"part"`) {
		t.Errorf("after pprof.Do:\n%s", after)
	}
	if err := svc.DoContext(ctx, func(ctx context.Context, p *actortest.Plain) { _ = look(ctx, p) }); err != nil {
		t.Error(err)
	}
	actortest.Stop(t, svc)

	built := actor.New(func(ctx context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, look(ctx, nil) }, actortest.Quiet(), actor.WithName("own"))
	served := actortest.Serve(context.Background(), built)
	if err := built.Run(ctx, actortest.Nothing); err != nil {
		t.Error(err)
	}
	actortest.Stop(t, built)
	<-served
}
