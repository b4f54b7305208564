package checks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/thejerf/suture/v4"

	"github.com/bruskajp/nano_services/supervisor"
)

// sutureErrors is what a supervisor needs to know of services that were written for
// suture. ErrDoNotRestart also says that suture may forget the service: for that, its
// restart type is Temporary, or Remove is called.
func sutureErrors(_ string, err error) supervisor.Decision {
	switch {
	case errors.Is(err, suture.ErrTerminateSupervisorTree):
		return supervisor.Escalate
	case errors.Is(err, suture.ErrDoNotRestart):
		return supervisor.StopChild
	}
	return supervisor.ByTable
}

// job is a service as its author wrote it for suture.
type job struct {
	name  string
	ends  []error // of its lives; then it waits for its end
	lives int
}

var _ suture.Service = (*job)(nil)

func (j *job) String() string { return j.name }

func (j *job) Serve(ctx context.Context) error {
	j.lives++
	if len(j.ends) > 0 {
		err := j.ends[0]
		j.ends = j.ends[1:]
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// under is a supervisor with the Decider and the children.
func under(name string, services ...supervisor.Service) *supervisor.Supervisor {
	s := supervisor.Spec{Decider: sutureErrors, Logger: slog.New(slog.DiscardHandler)}
	for i, svc := range services {
		c := supervisor.Child{Service: svc, Name: fmt.Sprint(i)}
		if j, ok := svc.(*job); ok {
			c.Name = j.String()
		}
		s.Children = append(s.Children, c)
	}
	return supervisor.New(name, s)
}

// Each end of a service means what it means to suture.
func TestSUPSutureService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := &job{name: "again", ends: []error{errFailure, nil}} // suture restarts after nil, too
		done := &job{name: "done", ends: []error{fmt.Errorf("all done: %w", suture.ErrDoNotRestart)}}
		root := under("root", again, done)
		if err := root.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var states []string
		for _, c := range root.Children() {
			states = append(states, c.Name+" "+c.State.String())
		}
		if !slices.Equal(states, []string{"again up", "done exited"}) || again.lives != 3 || done.lives != 1 {
			t.Errorf("%v, lives %d and %d", states, again.lives, done.lives)
		}
		if err := root.Stop(t.Context()); err != nil { // its context.Canceled is no error
			t.Errorf("Stop = %v", err)
		}
	})
}

// ErrTerminateSupervisorTree ends all supervisors up to the root, if each has the
// Decider, and is what Serve returns.
func TestSUPSutureTerminatesTheTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sibling := &job{name: "sibling"}
		ends := &job{name: "ends", ends: []error{suture.ErrTerminateSupervisorTree}}
		root := under("root", sibling, under("middle", under("inner", ends)))
		err := root.Serve(t.Context())
		var gaveUp *supervisor.GaveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Supervisor != "root" || !errors.Is(err, suture.ErrTerminateSupervisorTree) {
			t.Errorf("Serve = %v", err)
		}
		if sibling.lives != 1 || ends.lives != 1 {
			t.Errorf("lives %d and %d", sibling.lives, ends.lives)
		}
	})
}

// A whole tree of suture's is a child like any other, so that a program can move
// over piece by piece.
func TestSUPSutureTreeAsAChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := suture.New("theirs", suture.Spec{EventHook: func(suture.Event) {}})
		inside := &job{name: "inside", ends: []error{errFailure}}
		theirs.Add(inside)
		ours := &job{name: "ours"}
		root := under("root", ours, theirs)
		if err := root.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if inside.lives != 2 || ours.lives != 1 {
			t.Errorf("lives %d and %d", inside.lives, ours.lives)
		}
		if err := root.Stop(t.Context()); err != nil {
			t.Errorf("Stop = %v", err)
		}
	})
}
