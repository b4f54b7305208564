package hook_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/internal/hook"
)

// Which of the hooks a, b, c, d that call each other in a row, on one goroutine, are called.
func TestL17HooksInOneAnother(t *testing.T) {
	for _, row := range []struct{ row, called string }{
		{"a", "a"},
		{"aa", "a"},
		{"ab", "ab"},
		{"aba", "ab"},
		{"abc", "abc"},
		{"abcd", "abc"}, // to a depth of three
		{"abbc", "ab"},
	} {
		called := ""
		var run func(row string)
		run = func(row string) {
			if row != "" {
				hook.Run(row[0], nil, func() {
					called += row[:1]
					run(row[1:])
				})
			}
		}
		run(row.row)
		if called != row.called {
			t.Errorf("%s: %s are called, and not %s", row.row, called, row.called)
		}
		if hook.Here() != nil {
			t.Errorf("%s: it does not end", row.row)
		}
	}
}

// A hook that handed something over is not told of it later, when it has returned; one that
// did not is.
func TestL17HookIsTheCause(t *testing.T) {
	var by *hook.Call
	hook.Run("a", nil, func() {
		hook.Run("b", nil, func() { by = hook.Here() })
	})
	for _, what := range []string{"a", "b", "c"} {
		var later *hook.Call
		called := hook.Run(what, by, func() { later = hook.Here() })
		if called != (what == "c") {
			t.Errorf("%s is called: %t", what, called)
		}
		if called && hook.Run("a", later, func() {}) {
			t.Error("what has caused a cause is told")
		}
	}
}

// A goroutine that goes on for another is in its hooks, and no other is.
func TestL17HookGoesOnElsewhere(t *testing.T) {
	var got []string
	try := func(where string) {
		if hook.Run("a", nil, func() {}) {
			got = append(got, where)
		}
	}
	var all sync.WaitGroup
	var over *hook.Call
	hook.Run("a", nil, func() {
		here := hook.Here()
		over = here
		all.Go(func() { try("beside") })
		all.Wait()
		all.Go(func() {
			leave := hook.Enter(here)
			try("for it")
			leave()
			try("behind it")
			hook.Enter(nil)()
		})
		all.Wait()
	})
	all.Go(func() { // also when the hook has returned
		defer hook.Enter(over)()
		if hook.Here() != over {
			t.Error("it is not in the hook")
		}
		try("later")
	})
	all.Wait()
	if want := []string{"beside", "behind it"}; !slices.Equal(got, want) {
		t.Errorf("called %q, and not %q", got, want)
	}
}

func TestHookThatPanicsIsLeft(t *testing.T) {
	func() {
		defer func() { _ = recover() }()
		hook.Run("a", nil, func() { panic("help") })
	}()
	if hook.Here() != nil {
		t.Error("the goroutine is in it for ever")
	}
}

func TestIDOfAFunction(t *testing.T) {
	literal := func(n int) func() { return func() { fmt.Print(n) } }
	f, g := literal(1), literal(2)
	again := f
	if hook.ID(f) != hook.ID(again) || hook.ID(f) == hook.ID(g) {
		t.Error("a function value is not one hook")
	}
}
