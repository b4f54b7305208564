package laws_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
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
		{&fs.PathError{Op: "open", Path: "somewhere", Err: fs.ErrNotExist}, "open somewhere: file does not exist"},
		{map[string]int{"a": 1}, "(map[string]int)"},
		{&actortest.Plain{}, "(*actortest.Plain)"},
		{screaming{}, "(laws_test.screaming, which panics when it is asked: ah)"},
		{strings.Repeat("é", 1<<20), strings.Repeat("é", 500) + "…"},
	}
	for _, tt := range tests {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actortest.Do(t, svc, func(*actortest.Plain) { panic(tt.value) })
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
		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
		served := actortest.Serve(actortest.Supervised(t.Context()), svc)
		called := make(chan error, 1)
		go func() { called <- svc.Run(t.Context(), func(*actortest.Plain) error { panic(m) }) }()
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
		again := actortest.Serve(actortest.Supervised(t.Context()), svc)
		if err := svc.Run(t.Context(), func(*actortest.Plain) error { return nil }); err != nil {
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

// What is said of a crash names its closure once, and no directory; the record has the
// user's frames, and how many others there were.
func TestCrashSaysEachThingOnce(t *testing.T) {
	var log actortest.Records
	svc := actor.Start(&actortest.Plain{}, log.Option())
	err := svc.Run(t.Context(), func(p *actortest.Plain) error { panics(p); return nil })
	<-svc.Done()
	for _, text := range []string{err.Error(), svc.Err().Error()} {
		if n := strings.Count(text, "TestCrashSaysEachThingOnce.func1"); n != 1 || strings.Contains(text, "(/") {
			t.Errorf("%d times: %s", n, text)
		}
	}
	if !strings.Contains(err.Error(), "called from laws_test.TestCrashSaysEachThingOnce crash_text_test.go:") {
		t.Error(err)
	}
	stack := actortest.Attr(log.With("actor: service crashed")[0], "stack").String()
	if !strings.Contains(stack, "laws_test.panics(...)") || !strings.Contains(stack, "TestCrashSaysEachThingOnce.func1(...)") ||
		strings.Contains(stack, "nano_services/actor.") || !strings.HasSuffix(stack, " frames of the library are left out)\n") {
		t.Error(stack)
	}
	var p *actor.PanicError
	if !errors.As(err, &p) || !strings.Contains(string(p.Stack()), "nano_services/actor.") || !strings.HasPrefix(p.File, "/") {
		t.Error("what a program reads is whole")
	}
}
