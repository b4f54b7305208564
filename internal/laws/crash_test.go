package laws_test

import (
	"context"
	"errors"
	"io/fs"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// place returns name, file and first line of a function.
func place(f any) (name, file string, line int) {
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	file, line = fn.FileLine(fn.Entry())
	return fn.Name(), file, line
}

var errPath error = &fs.PathError{Op: "open", Path: "somewhere", Err: fs.ErrNotExist}

// breaks are ways for user code to end its goroutine, and what becomes of them.
var breaks = []struct {
	name  string
	end   func()
	check func(*actor.PanicError) bool
}{
	{"a string", func() { panic("crash") },
		func(p *actor.PanicError) bool { return p.Value == "crash" && p.Unwrap() == nil }},
	{"an error", func() { panic(errPath) }, func(p *actor.PanicError) bool {
		var path *fs.PathError
		return p.Value == errPath && errors.Is(p, fs.ErrNotExist) && errors.As(p, &path) && path == errPath
	}},
	{"nil", func() { panic(nil) }, func(p *actor.PanicError) bool {
		var null *runtime.PanicNilError
		return errors.As(p, &null)
	}},
	{"a runtime error", func() {
		var s []int
		_ = s[len(s)]
	}, func(p *actor.PanicError) bool {
		var e runtime.Error
		return errors.As(p, &e) && strings.Contains(p.Error(), "index out of range")
	}},
	{"Goexit", runtime.Goexit,
		func(p *actor.PanicError) bool { return p.Value == actor.ErrGoexit && errors.Is(p, actor.ErrGoexit) }},
}

// A closure that panics or calls Goexit ends its incarnation only; value, service,
// function, file, line and stack are kept. Its caller gets them, and so does
// whoever asks the service why it ended.
func TestL7ClosureCrashes(t *testing.T) {
	for _, p := range breaks {
		synctest.Test(t, func(t *testing.T) {
			var log actortest.Records
			svc := actor.New((&actortest.Factory{}).Build, actor.WithName("risky"), log.Option())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			other := actor.Start(&actortest.Plain{}, actortest.Quiet())
			f := func(*actortest.Closable) error {
				deep(p.end)
				return nil
			}
			name, file, line := place(f)
			for at, err := range map[string]error{"Run": svc.Run(t.Context(), f), "Err": ended(svc, served)} {
				var pe *actor.PanicError
				if !errors.As(err, &pe) || actor.OutcomeOf(err) != actor.Crashed {
					t.Fatalf("%s: %s: %v", p.name, at, err)
				}
				if !p.check(pe) || pe.Service != "risky" || pe.Func != name || pe.File != file || pe.Line != line {
					t.Errorf("%s: %s: %+v; want %s %s:%d", p.name, at, pe, name, file, line)
				}
				checkStack(t, string(pe.Stack()), name)
			}
			l := log.With("actor: service crashed")
			if len(l) != 1 || actortest.Attr(l[0], "service").String() != "risky" || actortest.Attr(l[0], "line").Any() != int64(line) ||
				!strings.Contains(actortest.Attr(l[0], "stack").String(), "laws_test.deep") {
				t.Errorf("%s: logged %v", p.name, l)
			}
			if err := other.Run(t.Context(), func(*actortest.Plain) error { return nil }); err != nil {
				t.Errorf("%s: another service: %v", p.name, err)
			}
			if s := svc.Info().State; s != actor.Pending {
				t.Errorf("%s: %v", p.name, s)
			}
			actortest.Stop(t, other)
			svc.Kill()
		})
	}
}

// deep is to be seen in the stack.
//
//go:noinline
func deep(f func()) {
	f()
	runtime.KeepAlive(f)
}

// ended waits for Serve and returns why the service ended.
func ended(svc *actor.Service[actortest.Closable], served <-chan error) error {
	<-served
	return svc.Err()
}

// checkStack wants the stack of the panic, deepest call first, and nothing of the
// functions that were deferred.
func checkStack(t *testing.T, stack, closure string) {
	t.Helper()
	first, _, _ := strings.Cut(stack, "\n")
	at := strings.Index(stack, "laws_test.deep(...)")
	if first != "runtime.gopanic(...)" && first != "runtime.Goexit(...)" || at < 0 ||
		strings.Index(stack, closure+"(...)") < at || strings.Contains(stack, "newPanicError") {
		t.Errorf("stack:\n%s", stack)
	}
}

// Each crash of a service that crashes again and again has the function, the line and
// the stack of its own closure.
func TestL7CrashesOneAfterTheOther(t *testing.T) {
	svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
	closures := []func(*actortest.Closable) error{
		func(*actortest.Closable) error { panic("here") },
		func(*actortest.Closable) error { panic("there") },
		func(*actortest.Closable) error { deep(func() { panic("deep") }); return nil },
	}
	for _, i := range []int{0, 0, 0, 1, 1, 2, 2, 0} {
		served := actortest.Serve(actortest.Supervised(t.Context()), svc)
		err := svc.Run(t.Context(), closures[i])
		<-served
		p, ok := errors.AsType[*actor.PanicError](err)
		if !ok {
			t.Fatal(err)
		}
		name, file, line := place(closures[i])
		if p.Func != name || p.File != file || p.Line != line {
			t.Errorf("closure %d: %s %s:%d; want %s %s:%d", i, p.Func, p.File, p.Line, name, file, line)
		}
		if stack := string(p.Stack()); !strings.HasPrefix(stack, "runtime.gopanic(...)") ||
			!strings.Contains(stack, name+"(...)") || !strings.Contains(stack, "(*core).loop(...)") {
			t.Errorf("closure %d: stack:\n%s", i, stack)
		}
	}
	svc.Kill()
}

// What Serve returns after a crash is the crash; after Goexit it does not return,
// and its caller's deferred calls run.
func TestL7ServeReturnsTheCrash(t *testing.T) {
	for _, p := range breaks {
		svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		actortest.Do(t, svc, func(*actortest.Closable) { p.end() })
		err, returned := <-actortest.Serve(actortest.Supervised(t.Context()), svc)
		if returned != (p.name != "Goexit") {
			t.Errorf("%s: Serve returned: %t", p.name, returned)
		}
		if !returned {
			err = svc.Err()
		}
		var pe *actor.PanicError
		if !errors.As(err, &pe) || !p.check(pe) {
			t.Errorf("%s: %v", p.name, err)
		}
		svc.Kill()
	}
}

// The crash of a started service ends it, and nothing else.
func TestL7StartedServiceCrashes(t *testing.T) {
	for _, p := range breaks {
		state := &actortest.Closable{}
		svc := actor.Start(state, actortest.Quiet())
		actortest.Do(t, svc, func(*actortest.Closable) { p.end() })
		<-svc.Done()
		var pe *actor.PanicError
		if !errors.As(svc.Err(), &pe) || !p.check(pe) || svc.Info().State != actor.Ended ||
			state.Closes.Load() != 1 {
			t.Errorf("%s: %v; %+v", p.name, svc.Err(), svc.Info())
		}
	}
}

// Closures with a context crash like all others.
func TestL7ContextClosureCrashes(t *testing.T) {
	for _, p := range breaks {
		svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
		err := svc.RunContext(t.Context(), func(context.Context, *actortest.Closable) error { p.end(); return nil })
		var pe *actor.PanicError
		if !errors.As(err, &pe) || !p.check(pe) {
			t.Errorf("RunContext: %s: %v", p.name, err)
		}
		svc = actor.Start(&actortest.Closable{}, actortest.Quiet())
		if err := svc.DoContext(t.Context(), func(context.Context, *actortest.Closable) { p.end() }); err != nil {
			t.Error(err)
		}
		<-svc.Done()
		if !errors.As(svc.Err(), &pe) || !p.check(pe) {
			t.Errorf("DoContext: %s: %v", p.name, svc.Err())
		}
	}
}
