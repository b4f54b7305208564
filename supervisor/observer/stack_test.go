package observer

import (
	"fmt"
	"strings"
	"testing"
)

// The program's own frames are marked, those of the library and of Go folded.
func TestObserverStacks(t *testing.T) {
	const stack = `goroutine 7 [running]:
panic({0x1, 0x2})
	/go/src/runtime/panic.go:785 +0x132
example.com/shop.(*Orders).Buy(0x1)
	/src/shop/orders.go:41 +0x1d
main.run(...)
	/src/shop/main.go:7
github.com/bruskajp/nano_services/actor.(*core).loop(0x1)
	/src/nano/actor/loop.go:9 +0x33
slices.SortFunc[...](...)
	/go/src/slices/sort.go:3
github.com/bruskajp/nano_services/examples/ledger/internal/store.f()
	/src/nano/examples/ledger/store.go:1 +0x1
github.com/bruskajp/nano_services/supervisor_test.f()
	/src/nano/supervisor/x_test.go:1 +0x1
created by github.com/bruskajp/nano_services/actor.Start[...] in goroutine 1
	/src/nano/actor/service.go:9 +0x2
`
	var got []string
	for _, c := range stackOf(stack) {
		var calls []string
		for _, f := range c.Frames {
			calls = append(calls, f.Call+" "+f.Place)
		}
		got = append(got, fmt.Sprintf("%t %s: %s", c.Folded, c.Title, strings.Join(calls, "; ")))
	}
	want := []string{
		"true 1 call of Go's own packages: panic({0x1, 0x2}) /go/src/runtime/panic.go:785",
		"false : example.com/shop.(*Orders).Buy(0x1) /src/shop/orders.go:41; main.run(...) /src/shop/main.go:7",
		"true 2 calls of the library (1) and Go's own packages: github.com/bruskajp/nano_services/actor.(*core).loop(0x1) /src/nano/actor/loop.go:9; slices.SortFunc[...](...) /go/src/slices/sort.go:3",
		"false : github.com/bruskajp/nano_services/examples/ledger/internal/store.f() /src/nano/examples/ledger/store.go:1; github.com/bruskajp/nano_services/supervisor_test.f() /src/nano/supervisor/x_test.go:1",
		"true 1 call of the library: created by github.com/bruskajp/nano_services/actor.Start[...] in goroutine 1 /src/nano/actor/service.go:9",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, none := range []string{"", "\n", "goroutine 1 [running]:\n"} {
		if calls := stackOf(none); len(calls) != 0 {
			t.Errorf("%q: %v", none, calls)
		}
	}
}
