package where_test

import (
	"reflect"
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

// declares stands for a function that is asked where it was called.
//
//go:noinline
func declares() (outside, caller where.Place) {
	return where.Outside("another/package"), where.Caller(0)
}

//go:noinline
func declaresOf[T any](T) (outside, caller where.Place) {
	return where.Outside("another/package"), where.Caller(0)
}

func declaresInlined() (outside, caller where.Place) { return declares() }

// Outside finds the call, whatever the compiler has made of it.
func TestSiteOutside(t *testing.T) {
	type two = func() (outside, caller where.Place)
	for name, f := range map[string]two{
		"called":        func() (a, b where.Place) { a, b = declares(); return a, b },
		"inlined":       declaresInlined,
		"inlined twice": func() (where.Place, where.Place) { return declaresInlined() },
		"generic":       func() (where.Place, where.Place) { return declaresOf("") },
		"reflection": func() (where.Place, where.Place) {
			out := reflect.ValueOf(declaresInlined).Call(nil)
			return out[0].Interface().(where.Place), out[1].Interface().(where.Place)
		},
		"deferred": func() (a, b where.Place) {
			func() { defer func() { a, b = declares() }() }()
			return a, b
		},
	} {
		if outside, caller := f(); outside.String() != caller.String() || outside.PC == 0 {
			t.Errorf("%s: %v, and not %v", name, outside, caller)
		}
	}
	if outside, _ := declares(); outside.Frame().Function != "github.com/bruskajp/nano_services/internal/where_test.TestSiteOutside" {
		t.Error(outside)
	}
}
