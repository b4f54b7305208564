// Package foreign is where the library asks the values of its users: what an error says
// and wraps, why a context has ended, what the optional methods of a child answer.
//
// Such a value may panic, call runtime.Goexit, wrap itself, or not return. Then it must harm
// only the goroutine that brought it. So an error is asked once (Keep), on the goroutine that
// made it and while that can still be cut off; later readers see what was kept. A method whose
// answer the library waits for is called on a goroutine of its own, and waited for no longer
// than Patience (Ask).
package foreign

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// How deep an error that wraps errors is followed, and into how many: one that wraps itself
// has no end, and one that wraps itself twice has 2^100 of them at that depth.
const (
	maxDepth = 100
	maxNodes = 1000
)

// Kept is an error of the user's as the library passes it on: it was asked once for its text
// and for what it wraps. errors.Is and errors.As find in it what they would find in the error
// itself. It has no Unwrap, since they would use it to call methods that nothing guards.
type Kept struct {
	text  string
	chain []error // the error, and what it wraps, in the order in which errors.Is looks
}

// Keep returns err in the form in which it is passed on. If asking err runs none of the
// program's code, that is err itself: one of errors.New, of fmt.Errorf around such a one, or of
// the library's own. Otherwise it is a *Kept. Keep calls methods of err, which may block or end
// the goroutine, so it is called on the goroutine that made err.
func Keep(err error) error {
	if err == nil || harmless(err, maxDepth) {
		return err
	}
	k := &Kept{text: Text(err)}
	Walk(err, func(e error) bool {
		if !isKept(e) {
			k.chain = append(k.chain, e)
		}
		return false
	})
	return k
}

// Original returns the error that was kept, and any other as it is.
func Original(err error) error {
	if k, ok := err.(*Kept); ok {
		return k.chain[0]
	}
	return err
}

// Error returns what the error said when it was kept.
func (k *Kept) Error() string { return k.text }

// Is is for errors.Is. An Is method of the user's is called, with recover, by its caller.
func (k *Kept) Is(target error) bool { return Claims(k, target) }

// As is for errors.As. An As method of the user's is called, with recover, by its caller.
func (k *Kept) As(target any) bool { return Assign(k, target) }

// Claims reports whether target is in err, as errors.Is does, with recover and within bounds.
// It calls Is methods of the user's, so it is for the goroutine that made err, or for a user's
// that asks.
func Claims(err, target error) bool {
	return Walk(err, func(e error) bool {
		if equal(e, target) {
			return true
		}
		x, ok := e.(interface{ Is(error) bool })
		return ok && !isKept(e) && guarded(func() bool { return x.Is(target) })
	})
}

// Assign is errors.As, as Claims is errors.Is.
func Assign(err error, target any) bool {
	return Walk(err, func(e error) bool {
		if assign(e, target) {
			return true
		}
		x, ok := e.(interface{ As(any) bool })
		return ok && !isKept(e) && guarded(func() bool { return x.As(target) })
	})
}

// Is reports whether target is in err, as errors.Is does, with recover and within bounds.
// No Is method of the user's is called.
func Is(err, target error) bool {
	return Walk(err, func(e error) bool {
		if equal(e, target) {
			return true
		}
		x, ok := e.(interface{ Is(error) bool })
		return ok && own(e) && guarded(func() bool { return x.Is(target) })
	})
}

// As finds the first E in err that is no nil pointer, as errors.As does, with recover and
// within bounds. It calls As methods of the user's only through errors of the library. One that
// reports true, but has set nothing, is not believed.
func As[E error](err error) (found E, ok bool) {
	ok = Walk(err, func(e error) bool {
		match, is := e.(E)
		if !is {
			if x, has := e.(interface{ As(any) bool }); has && own(e) {
				var claimed E // a variable of its own: it is allocated
				is = guarded(func() bool { return x.As(&claimed) })
				match = claimed
			}
		}
		if !is || any(match) == nil || isNil(match) {
			return false
		}
		found = match
		return true
	})
	return found, ok
}

func isKept(err error) bool {
	_, ok := err.(*Kept)
	return ok
}

// Walk calls f with err and the errors that it wraps, in the order of errors.Is, with recover
// and within bounds, until f returns true, and reports whether it did. A *Kept has the rest of
// its chain, so nothing is asked there.
func Walk(err error, f func(error) bool) bool {
	nodes := maxNodes
	return visit(err, maxDepth, &nodes, f)
}

// visit is Walk at some depth, with so many nodes left.
func visit(err error, depth int, nodes *int, f func(error) bool) bool {
	if *nodes--; err == nil || depth == 0 || *nodes < 0 {
		return false
	}
	if f(err) {
		return true
	}
	if k, ok := err.(*Kept); ok {
		for _, e := range k.chain {
			if f(e) {
				return true
			}
		}
		return false
	}
	more, one := unwrap(err)
	if one != nil {
		return visit(one, depth-1, nodes, f)
	}
	for _, e := range more {
		if visit(e, depth-1, nodes, f) {
			return true
		}
	}
	return false
}

// unwrap returns what err wraps: nothing, if its Unwrap panics.
func unwrap(err error) (more []error, one error) {
	defer func() { _ = recover() }()
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		one = x.Unwrap()
	case interface{ Unwrap() []error }:
		more = x.Unwrap()
	}
	return more, one
}

// guarded returns what f returns, and false if it panics.
func guarded(f func() bool) (yes bool) {
	defer func() {
		if recover() != nil {
			yes = false
		}
	}()
	return f()
}

// equal compares errors. That panics if both are of one type which is not comparable.
func equal(a, b error) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && guarded(func() bool { return a == b })
}

// assign sets what target points to, if err is assignable to it.
func assign(err error, target any) bool {
	to := reflect.ValueOf(target)
	if to.Kind() != reflect.Pointer || to.IsNil() || !reflect.TypeOf(err).AssignableTo(to.Type().Elem()) {
		return false
	}
	to.Elem().Set(reflect.ValueOf(err))
	return true
}

// Text returns what a value says: an error or a fmt.Stringer is asked, and of other values
// it is what fmt.Sprint makes of them if they are plain, and else their type: to walk
// through a map that is being changed ends the program.
func Text(value any) (text string) {
	defer func() {
		if p := recover(); p != nil && isNil(value) {
			text = fmt.Sprintf("(a nil %T)", value)
		} else if p != nil {
			text = fmt.Sprintf("(%T, which panics when it is asked: %s)", value, plain(p))
		}
	}()
	switch v := value.(type) {
	case string:
		return v
	case error:
		text = v.Error()
	case fmt.Stringer:
		text = v.String()
	default:
		text = plain(v)
	}
	if text == "<nil>" && isNil(value) {
		text = fmt.Sprintf("(a nil %T)", value)
	}
	return text
}

// Answers reports whether a value is asked for its Text, by code of the program's.
func Answers(value any) bool { return !unasked(value, maxDepth) }

func isNil(value any) bool {
	v := reflect.ValueOf(value)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// plain is Text for a value that is not asked, unless that is harmless.
func plain(value any) string {
	if err, ok := value.(error); ok && kindOf(err) == leaf {
		return err.Error()
	}
	v := reflect.ValueOf(value)
	if basic, ok := basics[v.Kind()]; ok {
		return fmt.Sprint(v.Convert(basic)) // fmt calls methods, and panics with what those panic with
	}
	return fmt.Sprintf("(%T)", value)
}

// basics are the types whose values are printed as they are, by their kind.
var basics = basicTypes(false, 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0),
	uintptr(0), float32(0), float64(0), complex64(0), complex128(0), "")

func basicTypes(values ...any) map[reflect.Kind]reflect.Type {
	types := make(map[reflect.Kind]reflect.Type, len(values))
	for _, value := range values {
		t := reflect.TypeOf(value)
		types[t.Kind()] = t
	}
	return types
}

const module = "github.com/bruskajp/nano_services/"

// kinds of errors whose methods are known.
type kind uint8

const (
	unknown kind = iota
	leaf         // has its text
	wrapper      // has its text, or makes it of what it wraps
	opaque       // the library's own, around something that it does not unwrap
	keeper       // an actor.PanicError: a wrapper if it has kept what its value says
)

// knownType is what is known of a type: the path of its package, which its name does not
// have, and its kind.
type knownType struct {
	path string
	kind kind
}

// known are the errors of other packages which run none of the program's code, by what
// reflect calls their types.
var known = map[string]knownType{
	"errors.errorString":            {"errors", leaf},
	"context.deadlineExceededError": {"context", leaf},
	"runtime.PanicNilError":         {"runtime", leaf},
	"runtime.TypeAssertionError":    {"runtime", leaf},
	"runtime.boundsError":           {"runtime", leaf},
	"runtime.plainError":            {"runtime", leaf},
	"runtime.errorString":           {"runtime", leaf},
	"runtime.errorAddressString":    {"runtime", leaf},
	"syscall.Errno":                 {"syscall", leaf},
	"fmt.wrapError":                 {"fmt", wrapper},
	"fmt.wrapErrors":                {"fmt", wrapper},
	"errors.joinError":              {"errors", wrapper},
	"supervisor.StartError":         {module + "supervisor", wrapper},
	"supervisor.GaveUpError":        {module + "supervisor", wrapper},
	"supervisor.cause":              {module + "supervisor", wrapper},
	"supervisor.StuckError":         {module + "supervisor", leaf},
	"supervisor.SpecError":          {module + "supervisor", leaf},
	"actor.PanicError":              {module + "actor", keeper},
	"actor.DeadlockError":           {module + "actor", leaf},
	"actor.callError":               {module + "actor", opaque},
	"actor.outcomeError":            {module + "actor", opaque},
	"actor.refusal":                 {module + "actor", leaf},
}

// plainError is the type of what errors.New returns: most are of that.
var plainError = reflect.TypeOf(errors.New(""))

func kindOf(err error) kind {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		if isNil(err) {
			return unknown
		}
		if t == plainError {
			return leaf
		}
		t = t.Elem()
	}
	if k := known[t.String()]; k.path == t.PkgPath() {
		return k.kind
	}
	return unknown
}

// own reports whether err is of the library's own types that answer errors.Is and
// errors.As themselves.
func own(err error) bool { return kindOf(err) == opaque }

// harmless reports whether asking err runs none of the program's code.
func harmless(err error, depth int) bool {
	if _, ok := err.(*Kept); ok || err == nil {
		return true
	}
	if depth == 0 {
		return false
	}
	switch kindOf(err) {
	case leaf:
		return true
	case keeper:
		if p := reflect.ValueOf(err).Elem(); !p.FieldByName("kept").Bool() { // the program has made it
			return unasked(p.FieldByName("Value").Interface(), depth-1)
		}
		fallthrough
	case wrapper:
		more, one := unwrap(err)
		if one != nil {
			return harmless(one, depth-1)
		}
		for _, e := range more {
			if !harmless(e, depth-1) {
				return false
			}
		}
		return true
	}
	return false
}

// unasked is harmless for any value.
func unasked(value any, depth int) bool {
	if err, ok := value.(error); ok {
		return harmless(err, depth)
	}
	_, answers := value.(fmt.Stringer)
	return !answers
}

// Short cuts a text that is longer than most bytes.
func Short(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
