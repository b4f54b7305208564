package remote_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// The test binary is also the processes that tests of faults kill: see process_test.go.
func TestMain(m *testing.M) {
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		os.Exit(role())
	}
	goleak.VerifyTestMain(m)
}
