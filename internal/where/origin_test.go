package where_test

import (
	"fmt"
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

// handedOver is what the user calls, and asked what that calls, with its Origin.
func handedOver() []string { return asked(where.Direct) }

func asked(from where.Origin) []string {
	return append(oneBelow(from.In()), from.Site().String(), from.Above().String())
}

func oneBelow(from where.Origin) []string {
	at, ok := from.Outside("another/package")
	passed, none := from.Outside("github.com/bruskajp/nano_services/internal/where_test")
	return []string{at.String(), from.Site().String(), from.Above().String(),
		fmt.Sprintf("%t %t %s", ok, none, passed.Frame().Function)}
}

func TestOrigin(t *testing.T) {
	here := where.Caller(-1).String() // the next line's call stands one line below
	got := handedOver()
	want := fmt.Sprintf("where_test.TestOrigin origin_test.go:%d", line(t, here)+1)
	for i, at := range append(got[:3:3], got[4:]...) {
		if at != want {
			t.Errorf("%d: %s, want %s", i, at, want)
		}
	}
	// The test's own package has testing above it.
	if got[3] != "true true testing.tRunner" {
		t.Error(got[3])
	}
	over := make(chan bool)
	go func() { // nothing is above but the package
		over <- begun()
	}()
	if <-over {
		t.Error("a goroutine of the package's was begun outside of it")
	}
}

func begun() bool { return passes(where.Direct) }

func passes(from where.Origin) bool {
	_, ok := from.Outside("github.com/bruskajp/nano_services/internal/where_test")
	return ok
}

func line(t *testing.T, at string) (n int) {
	t.Helper()
	if _, err := fmt.Sscanf(at, "where_test.TestOrigin origin_test.go:%d", &n); err != nil {
		t.Fatal(at, err)
	}
	return n
}
