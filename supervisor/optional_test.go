package supervisor_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// broken has all the methods that a service may have besides Serve, and each panics.
type broken struct{ *puppet }

func (broken) Name() string          { panic("Name") }
func (broken) SignalsReady() bool    { panic("SignalsReady") }
func (broken) Done() <-chan struct{} { panic("Done") }
func (broken) Abandon()              { panic("Abandon") }
func (broken) CutOff(bool) string    { panic("CutOff") }

// A method of a service that panics is the fault of that service: it counts as if it had
// no such method, and the tree goes on.
func TestSUPOptionalMethodsPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		p := newPuppet()
		root := supervisor.New("root", supervisor.Spec{Logger: slog.New(slog.NewTextHandler(&text, nil)), Children: []supervisor.Child{
			{Name: "b", Service: broken{p}, Shutdown: time.Second},
		}})
		start(t, root)
		expectStates(t, root, "b:up")
		p.crash() // Done is asked
		expectStates(t, root, "b:up")
		p.crash()
		expectStates(t, root, "b:up")
		free := p.hang()
		if err := root.Terminate(t.Context(), "b"); err != nil { // CutOff, Abandon
			t.Errorf("Terminate = %v", err)
		}
		expectStates(t, root, "b:terminated")
		free()
		synctest.Wait()
		stop(t, root)
		synctest.Wait()
		for _, method := range []string{"SignalsReady", "Done", "CutOff", "Abandon"} {
			if n := strings.Count(text.String(), "method="+method); n != 1 {
				t.Errorf("the panic of %s was reported %d times:\n%s", method, n, text.String())
			}
		}
	})
}

// Whoever has a tree thrown away that was never served does not get a panic of a child's.
func TestSUPAbandonPanicsAtTheCaller(t *testing.T) {
	root := supervisor.New("root", children(supervisor.Child{Name: "b", Service: broken{newPuppet()}}))
	stop(t, root)
}

// A Name that panics is a fault of the spec.
func TestSUPNamePanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const want = "Name of the service panicked: Name"
		var bad *supervisor.SpecError
		inner := supervisor.New("inner", children(supervisor.Child{Service: broken{newPuppet()}}))
		root := supervisor.New("root", children(supervisor.Child{Service: inner}))
		if err := root.Start(t.Context()); !errors.As(err, &bad) || !strings.Contains(err.Error(), "root/inner: Children[0]: "+want) {
			t.Errorf("Start = %v", err)
		}
		root = supervisor.New("root", children())
		start(t, root)
		err := root.Add(t.Context(), supervisor.Child{Service: broken{newPuppet()}})
		if !errors.As(err, &bad) || len(bad.Faults) != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("Add = %v", err)
		}
		stop(t, root)
	})
}

// curious asks its supervisor when it is asked for its name.
type curious struct {
	*idler
	tree *supervisor.Supervisor
}

func (c curious) Name() string {
	if c.tree == nil {
		return "early"
	}
	return "of-" + c.tree.Name()
}

// Name is called while nothing is locked, so that it may ask the tree.
func TestSUPNameAsksTheTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &curious{idler: new(idler)}
		root := supervisor.New("root", children(supervisor.Child{Service: c}))
		c.tree = root
		start(t, root)
		add(t, root, supervisor.Child{Service: curious{new(idler), root}})
		expectStates(t, root, "early:up of-root:up")
		stop(t, root)
	})
}

// A made-up name is none that a child was given, and there is none to be made of nothing.
func TestSUPMadeUpNameIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowd(supervisor.Child{Restart: supervisor.Temporary})
		start(t, s)
		add(t, s, supervisor.Child{Name: "w-1", Service: service("w")})
		add(t, s, supervisor.Child{Service: service("w")})
		expectStates(t, s, "w-1:up w-2:up")
		var bad *supervisor.SpecError
		if err := s.Add(t.Context(), supervisor.Child{Service: new(idler)}); !errors.As(err, &bad) {
			t.Errorf("Add without a name = %v", err)
		}
		stop(t, s)
	})
}
