package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// While a child whose start has taken too long is being ended, others that are started with it are
// noticed as at any other time.
func TestSUPTogetherWhileOneIsTooLate(t *testing.T) {
	crashes := func(a *actor.Service[number]) { _ = a.Do(func(*number) { panic(errCrash) }) }
	for name, row := range map[string]struct {
		fails bool // the constructor of a
		then  func(a *actor.Service[number])
		want  string // meanwhile
		last  string
	}{
		"comes up":            {then: func(*actor.Service[number]) {}, want: "a:up c:stopping", last: "a:terminated c:exited"},
		"fails":               {fails: true, then: func(*actor.Service[number]) {}, want: "a:exited c:stopping", last: "a:exited c:terminated"},
		"crashes":             {then: crashes, want: "a:waiting c:stopping", last: "a:terminated c:exited"},
		"is killed":           {then: (*actor.Service[number]).Kill, want: "a:exited c:stopping", last: "a:exited c:exited"},
		"is killed, starting": {then: nil, want: "a:exited c:stopping", last: "a:exited c:exited"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				starts, ends := make(chan struct{}), make(chan struct{})
				a := actor.New(func(context.Context) (*number, error) {
					if <-starts; row.fails {
						return nil, errCrash
					}
					return new(number), nil
				}, actor.WithName("a"), actor.WithLogger(quiet))
				c := actor.New(func(context.Context) (*number, error) { <-ends; return new(number), nil },
					actor.WithName("c"), actor.WithLogger(quiet))
				root := supervisor.New("root", supervisor.Spec{Together: true, Logger: quiet, Children: []supervisor.Child{
					{Service: a, Backoff: &supervisor.Backoff{Min: time.Hour}, StartTimeout: map[bool]time.Duration{true: time.Minute}[row.fails]},
					{Service: c, StartTimeout: time.Second, Shutdown: supervisor.Forever},
				}})
				up := pending(func() error { return root.Start(context.Background()) })
				time.Sleep(2 * time.Second)
				expectStates(t, root, "a:starting c:stopping")
				if row.then == nil {
					a.Kill()
				} else {
					close(starts)
					synctest.Wait()
					row.then(a)
				}
				expectStates(t, root, row.want)
				close(ends)
				if _, ok := errors.AsType[*supervisor.StartError](<-up); !ok {
					t.Error("it has started")
				}
				<-root.Done()
				expectStates(t, root, row.last)
				if row.then == nil {
					close(starts)
				}
			})
		})
	}
}

// A tree that is stopped while such a child is being ended waits for that one, too.
func TestSUPTogetherStoppedWhileOneIsTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ends := make(chan struct{})
		lives := 0
		c := actor.New(func(context.Context) (*number, error) { <-ends; return new(number), nil },
			actor.WithName("c"), actor.WithLogger(quiet))
		root := supervisor.New("root", supervisor.Spec{Together: true, Logger: quiet, Children: []supervisor.Child{
			{Service: gatedBy("a", make(chan struct{}), &lives)},
			{Service: c, StartTimeout: time.Second, Shutdown: supervisor.Forever},
		}})
		up := pending(func() error { return root.Start(context.Background()) })
		time.Sleep(2 * time.Second)
		expectStates(t, root, "a:starting c:stopping")
		stopped := pending(func() error { return root.Stop(context.Background()) })
		expectStates(t, root, "a:stopping c:stopping")
		close(ends)
		if err := <-stopped; err != nil {
			t.Errorf("Stop: %v", err)
		}
		if err := <-up; err == nil {
			t.Error("it has started")
		}
		expectStates(t, root, "a:terminated c:terminated")
	})
}
