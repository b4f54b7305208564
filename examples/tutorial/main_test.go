// Package tutorial_test has the steps of docs/tutorial.rst, one in each file. Each builds on
// those before it.
package tutorial_test

import (
	"log/slog"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// silent is where the examples log what goes wrong on purpose.
var silent = slog.New(slog.DiscardHandler)
