package observer_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // in which the pages in testdata are
	goleak.VerifyTestMain(m)
}
