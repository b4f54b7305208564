// Package recipes_test has the programs of docs/recipes.rst, one in each file.
package recipes_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
