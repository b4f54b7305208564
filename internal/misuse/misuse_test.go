package misuse_test

import (
	"testing"

	"github.com/bruskajp/nano_services/internal/misuse"
)

func TestUnless(t *testing.T) {
	for _, test := range []struct {
		ok   bool
		want any
	}{{true, nil}, {false, "shop: no goods"}} {
		func() {
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("Unless(%v) panicked with %v, want %v", test.ok, got, test.want)
				}
			}()
			misuse.Unless(test.ok, "shop: no goods")
		}()
	}
}
