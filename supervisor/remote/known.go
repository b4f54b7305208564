package remote

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// wellKnown are the sentinels that both sides know without a table.
var wellKnown = []Known{
	Sentinel("remote.ErrNoService", ErrNoService),
	Sentinel("remote.ErrNoMethod", ErrNoMethod),
	Sentinel("remote.ErrIncompatible", ErrIncompatible),
	Sentinel("remote.ErrDisconnected", ErrDisconnected),
	Sentinel("remote.ErrTooLarge", ErrTooLarge),
	Sentinel("remote.ErrNoAnswer", ErrNoAnswer),
	Sentinel("actor.ErrStopped", actor.ErrStopped),
	Sentinel("actor.ErrMailboxFull", actor.ErrMailboxFull),
	Sentinel("actor.ErrRestarted", actor.ErrRestarted),
	Sentinel("actor.ErrNotRunning", actor.ErrNotRunning),
	Sentinel("actor.ErrSelfCall", actor.ErrSelfCall),
	Sentinel("actor.ErrRefused", actor.ErrRefused),
	Sentinel("actor.ErrUnanswered", actor.ErrUnanswered),
	Sentinel("actor.ErrCutOff", actor.ErrCutOff),
	Sentinel("actor.ErrServed", actor.ErrServed),
	Sentinel("actor.ErrNoState", actor.ErrNoState),
	Sentinel("actor.ErrGoexit", actor.ErrGoexit),
	Sentinel("actor.ErrNoService", actor.ErrNoService),
	Sentinel("context.Canceled", context.Canceled),
	Sentinel("context.DeadlineExceeded", context.DeadlineExceeded),
}

// knownErrors are the errors that keep their identity: those of every interface, and those
// of one.
type knownErrors struct {
	list   []Known
	byName map[string]Known
}

func newKnownErrors(own []Known) *knownErrors {
	k := &knownErrors{byName: map[string]Known{}}
	for _, e := range append(wellKnown[:len(wellKnown):len(wellKnown)], own...) {
		must(e.name != "", "remote: a Known is made by Sentinel or ErrorType")
		must(e.shape.refused == nil, fmt.Sprintf("remote: an error type that is known: %v", e.shape.refused))
		k.list = append(k.list, e)
		k.byName[e.name] = e
	}
	return k
}

// describe writes down which of the known errors err is.
func (k *knownErrors) describe(t *told, err error) {
	t.Type = fmt.Sprintf("%T", err)
	for _, e := range k.list {
		switch {
		case e.sentinel != nil:
			if foreign.Is(err, e.sentinel) {
				t.Is = append(t.Is, e.name)
			}
		case t.Value == nil:
			value, ok := e.of(err)
			if !ok {
				continue
			}
			if b, failed := (format{}).encode(e.shape, value); failed == nil && len(b) <= maxValue {
				t.Type, t.Value = e.name, b
			}
		}
	}
}

// error makes the error again, as far as it is known.
func (k *knownErrors) error(t told) error {
	a := &answered{text: t.Text}
	for _, name := range t.Is {
		if e := k.byName[name]; e.sentinel != nil {
			a.wraps = append(a.wraps, e.kept)
		}
	}
	if e := k.byName[t.Type]; e.fresh != nil {
		target, err := e.fresh()
		if (format{}).decode(t.Value, target) == nil && !isNil(err()) {
			a.wraps = append(a.wraps, err())
			return a
		}
	}
	if t.Type != "" {
		a.wraps = append(a.wraps, &Error{Text: t.Text, Type: t.Type})
	}
	return a
}

// crash makes the error of a crash again.
func (k *knownErrors) crash(t told, stack []byte) error {
	file, line := t.Line, 0
	if i := strings.LastIndexByte(t.Line, ':'); i >= 0 {
		if n, err := strconv.Atoi(t.Line[i+1:]); err == nil {
			file, line = t.Line[:i], n
		}
	}
	var value any = t.Text
	if t.Type != "" {
		value = k.error(t)
	}
	return actor.PanicElsewhere(value, t.Service, t.Func, file, line, stack)
}

// isNil reports whether err is a pointer to nothing.
func isNil(err error) bool {
	v := reflect.ValueOf(err)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// answered is an error that a method returned in another process: with its text, and what
// of it is known here.
type answered struct {
	text  string
	wraps []error
}

func (e *answered) Error() string   { return e.text }
func (e *answered) Unwrap() []error { return e.wraps }
