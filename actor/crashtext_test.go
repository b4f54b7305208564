package actor_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

// mute is a value that says nothing before it may.
type mute struct{ may chan struct{} }

func (m mute) String() string { <-m.may; return "at last" }

// screaming is an error that can not be asked.
type screaming struct{}

func (screaming) Error() string { panic("ah") }

// Who looks at a service does not run the code of the value that it has crashed with, nor
// walk through it.
func TestCrashIsSeenWithoutAskingItsValue(t *testing.T) {
	tests := []struct {
		value any
		want  string
	}{
		{"out of paper", "out of paper"},
		{7, "7"},
		{errPath, "open somewhere: file does not exist"},
		{map[string]int{"a": 1}, "(map[string]int)"},
		{&plain{}, "(*actor_test.plain)"},
		{screaming{}, "(actor_test.screaming, which panics when it is asked: ah)"},
		{strings.Repeat("é", 1<<20), strings.Repeat("é", 500) + "…"},
	}
	for _, tt := range tests {
		svc := actor.Start(&plain{}, quiet())
		do(t, svc, func(*plain) { panic(tt.value) })
		<-svc.Done()
		if got := svc.Info().Crash.Message; !strings.HasSuffix(got, "panicked: "+tt.want) {
			t.Errorf("%T: %.100q", tt.value, got)
		}
	}
}

// A value that does not answer hangs nobody who looks, and its service can be cut off from
// it as from a closure that hangs, which its caller learns then.
func TestCrashWithAValueThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := mute{make(chan struct{})}
		svc := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet())
		served := serve(supervised(t.Context()), svc)
		called := make(chan error, 1)
		go func() { called <- svc.Run(t.Context(), func(*plain) error { panic(m) }) }()
		synctest.Wait()
		if i := svc.Info(); i.State != actor.Running || i.Running != 1 || i.Crash != nil {
			t.Errorf("while it does not answer: %+v", i)
		}
		if running := svc.CutOff(true); !strings.Contains(running, "TestCrashWithAValueThatHangs") {
			t.Errorf("cut off from %q", running)
		}
		if err := <-called; actor.OutcomeOf(err) != actor.Unknown {
			t.Errorf("outcome %v", actor.OutcomeOf(err))
		}
		again := serve(supervised(t.Context()), svc)
		if err := svc.Run(t.Context(), func(*plain) error { return nil }); err != nil {
			t.Error(err)
		}
		close(m.may)
		<-served
		if c := svc.Info().Crash; c == nil || !strings.HasSuffix(c.Message, "at last") {
			t.Errorf("%+v", c)
		}
		svc.Kill()
		<-again
	})
}
