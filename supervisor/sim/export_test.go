package sim

import (
	"fmt"
	"testing"
)

// Report returns what Run says of f, whose seeds begin with base.
func Report(t *testing.T, f func(*Sim), base uint64) (said string) {
	s := quickly(t, f, base)
	s.errorf = func(format string, args ...any) { said += fmt.Sprintf(format, args...) }
	s.explores()
	return said
}
