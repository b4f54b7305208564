package sim

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/supervisor"
)

// busy has something of all that is a step, and of all that is told besides.
func busy(s *Sim) {
	back := newService("back", func() *cell { return &cell{} }, actor.WithCapacity(1))
	front := actor.New(func(ctx context.Context) (*cell, error) {
		actor.Self[cell](ctx).After(time.Second, func(c *cell) { c.n = 100 })
		return &cell{}, nil
	}, actor.WithName("front"), actor.WithLogger(quiet))
	inner := supervisor.New("inner", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{
		{Service: back, Backoff: &supervisor.Backoff{Min: time.Second}},
	}})
	ask := make(chan struct{})
	var root *supervisor.Supervisor
	asker := supervisor.Func(func(ctx context.Context) error { // what is no service asks its supervisor
		<-ask
		if err := root.Terminate(ctx, "front"); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})
	root = tree(s, supervisor.Child{Service: inner}, supervisor.Child{Service: front}, supervisor.Child{Name: "asker", Service: asker})
	s.Go("client", func(ctx context.Context) {
		_ = front.RunContext(ctx, func(ctx context.Context, f *cell) error {
			return actor.Wait(ctx, back, func(b *cell) { b.n++ })
		})
		_ = actor.Pipe(front, func(context.Context) (int, error) { return 7, nil }, func(c *cell, n int, _ error) { c.n += n })
		_ = front.RunContext(ctx, func(ctx context.Context, f *cell) error {
			return front.RunContext(ctx, func(context.Context, *cell) error { return nil }) // waits for itself
		})
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { _ = actor.Wait(context.Background(), back, func(b *cell) { b.n++ }) })
		}
		s.Block(all.Wait)
		for range 2 { // there is room for one
			_ = back.Do(func(b *cell) { b.n++ })
		}
		_ = actor.Wait(ctx, back, func(*cell) { panic("no more") })
		s.Settle()
		s.Sleep(2 * time.Second)
		own := actor.Start(&cell{}, actor.WithName("own"), actor.WithLogger(quiet))
		_ = own.Do(func(c *cell) { c.n = 1 })
		_ = own.Stop(ctx)
		close(ask)
		s.Settle()
		_ = root.Stop(ctx)
	})
}

// Each kind of step is taken by whom it is of, and what is told besides is in its place.
func TestL16WhatIsAStep(t *testing.T) {
	s := quickly(t, busy, 1, AllowCrashes(), AllowDeadlocks())
	sd := seed{"default", 0, 1}
	r := s.once(sd, explore(sd), nil, true)
	if r.failure != nil {
		t.Fatal(r.failure.text)
	}
	var all strings.Builder
	for _, l := range r.kern.tale.lines {
		if l.note != "" {
			fmt.Fprintln(&all, l.note)
		} else {
			fmt.Fprintln(&all, l.who, l.does)
		}
	}
	for _, want := range []string{
		"db/front begins", "db/inner/back begins", "client begins",
		"db/inner/back sim.busy.func", "client goes on", "db/front goes on",
		"db decides", "db/inner decides", "db/inner/back timer", "db/front#1.1 timer",
		"db/front#1.2 begins to work", "db/front#1.2 hands its outcome over",
		"go steps_test.go:", "db/asker goes on", " sends", "client all is settled",
		"db decides\ntest goes on\nclient begins\n", // after Start
		"db/front ends", "db/inner/back ends", "own ends",
		"db/inner/back crashed: ", "db/inner/back refused a closure: ", "db/front: ",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("nothing like %q", want)
		}
	}
	if !strings.HasSuffix(all.String(), "db decides\nclient goes on\n") {
		t.Error("who has stopped the tree does not go on in a step of its own")
	}
	if t.Failed() {
		t.Log(all.String())
	}
	for _, kind := range []seam.Kind{seam.Begin, seam.Closure, seam.End, seam.Resume, seam.Decide, seam.Timer, seam.Work, seam.Outcome, seam.Send} {
		if does[kind] == "" {
			t.Errorf("kind %v has no words", kind)
		}
	}
}

// To go on after Sleep and after Block is a step each.
func TestL16SleepAndBlockAreSteps(t *testing.T) {
	for name, waits := range map[string]func(*Sim){
		"Sleep": func(s *Sim) { s.Sleep(time.Second) },
		"Block": func(s *Sim) { s.Block(func() {}) },
	} {
		s := quickly(t, waits, 1)
		sd := seed{"default", 0, 1}
		r := s.once(sd, explore(sd), nil, true)
		if last := r.kern.tale.lines[len(r.kern.tale.lines)-1]; last.who+" "+last.does != "test goes on" {
			t.Errorf("%s: the last step is %v", name, last)
		}
	}
}

// A tree that a client starts takes part, whatever the context is.
func TestL16TreeTakesPart(t *testing.T) {
	s := quickly(t, func(s *Sim) {
		svc := newService("cell", func() *cell { return &cell{} })
		root := supervisor.New("own", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: svc}}})
		if err := root.Start(context.Background()); err != nil {
			s.Error(err)
		}
	}, 1)
	sd := seed{"default", 0, 1}
	for _, l := range s.once(sd, explore(sd), nil, true).kern.tale.lines {
		if l.who+" "+l.does == "own/cell begins" {
			return
		}
	}
	t.Error("its service has taken no step")
}
