package where_test

import (
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

const library = "github.com/bruskajp/nano_services/"

// A record has the user's frames, and the number of the others.
func TestUsersStack(t *testing.T) {
	frame := func(function string) string { return function + "(...)\n\t/home/me/file.go:7\n" }
	for name, row := range map[string]struct {
		stack []string // functions
		users []int    // those that stay
		last  string
	}{
		"nothing":                    {},
		"the user's only":            {stack: []string{"main.main", "example.com/a/actor.Call"}, users: []int{0, 1}},
		"the library's only":         {stack: []string{library + "actor.(*core).loop"}, last: "(1 frames of the library are left out)\n"},
		"both":                       {stack: []string{"panic", library + "actor.Call[int,example.com/a.T]", "main.main", library + "internal/where.Caller"}, users: []int{0, 2}, last: "(2 frames of the library are left out)\n"},
		"of packages below":          {stack: []string{library + "supervisor/pool.New", library + "mailbox.(*Mailbox).Put"}, last: "(2 frames of the library are left out)\n"},
		"tests, and what is beside":  {stack: []string{library + "actor_test.f", library + "examples/ledger/internal/bank.f", library + "actorish.f"}, users: []int{0, 1, 2}},
		"one of a program elsewhere": {stack: []string{"github.com/bruskajp/nano_services_of_mine/actor.f"}, users: []int{0}},
	} {
		var stack, want strings.Builder
		for _, f := range row.stack {
			stack.WriteString(frame(f))
		}
		for _, i := range row.users {
			want.WriteString(frame(row.stack[i]))
		}
		want.WriteString(row.last)
		if got := where.Users([]byte(stack.String())); got != want.String() {
			t.Errorf("%s: %q, and not %q", name, got, want.String())
		}
	}
}

// What a deferred function has recovered begins with the panic, and names who has panicked.
func TestPanickedStack(t *testing.T) {
	var stack string
	func() {
		defer func() {
			_ = recover()
			stack = where.Panicked()
		}()
		panic("boom")
	}()
	first, rest, _ := strings.Cut(stack, "\n")
	if first != "runtime.gopanic(...)" || !strings.Contains(rest, "where_test.TestPanickedStack.func1(...)") || strings.Contains(rest, "func1.1") {
		t.Errorf("%s", stack)
	}
}

func TestFile(t *testing.T) {
	for path, want := range map[string]string{"/home/me/shop.go": "shop.go", "shop.go": "shop.go", "": ""} {
		if got := where.File(path); got != want {
			t.Errorf("%q: %q, and not %q", path, got, want)
		}
	}
}
