package actortest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Balanced checks the sum of law L3. Nothing may be sent meanwhile.
func Balanced(t testing.TB, i actor.Info) {
	t.Helper()
	if i.Accepted != i.Executed+i.Dead+i.Skipped+uint64(i.Queued)+uint64(i.Running) {
		t.Errorf("the numbers do not add up: %+v", i)
	}
}

// InState checks a service's state.
func InState(t testing.TB, svc interface{ Info() actor.Info }, want actor.State) {
	t.Helper()
	if got := svc.Info().State; got != want {
		t.Errorf("the service is %v, want %v", got, want)
	}
}

// Within demands an outcome and an error.
func Within(t testing.TB, what string, err, is error, outcome actor.Outcome) {
	t.Helper()
	if !errors.Is(err, is) || actor.OutcomeOf(err) != outcome {
		t.Errorf("%s: %v (%v), want %v (%v)", what, err, actor.OutcomeOf(err), is, outcome)
	}
	if notRun := errors.Is(err, actor.ErrNotRun); notRun != (outcome == actor.NotRun) {
		t.Errorf("%s: matches ErrNotRun: %v, outcome: %v", what, notRun, outcome)
	}
}

// IsOpen reports whether a channel is not closed yet.
func IsOpen[V any](c <-chan V) bool {
	select {
	case <-c:
		return false
	default:
		return true
	}
}

// Here returns the place where it is called, as locations are printed.
func Here() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf(" %s:%d", file[strings.LastIndexByte(file, '/')+1:], line)
}

// Misuse runs functions each of which has to panic with the package's prefix and with
// what it is called.
func Misuse(t *testing.T, pkg string, all map[string]func()) {
	t.Helper()
	for name, f := range all {
		t.Run(name, func(t *testing.T) { misused(t, pkg, name, f) })
	}
}

func misused(t testing.TB, pkg, name string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if v := fmt.Sprint(recover()); !strings.HasPrefix(v, pkg+": ") || !strings.Contains(v, name) {
			t.Errorf("panic %q", v)
		}
	}()
	f()
}

// Collected waits until the garbage collector has taken what done looks for. That may
// take some time: the runtime keeps a timer that was stopped, and what its function
// refers to, until a quarter of those beside it were stopped, too, or have fired.
func Collected(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%s is kept alive", what)
		}
		runtime.GC()
	}
}
