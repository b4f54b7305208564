package courtesy

import (
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

// Each row of the table of states.
func TestStatesOfARun(t *testing.T) {
	code := where.Entry(TestStatesOfARun)
	for _, row := range []struct {
		from           string
		arrange        func(telling *telling, end func())
		outlived, over state
	}{
		{"runs", func(*telling, func()) {}, hangs, returned},
		{"hangs", func(telling *telling, _ func()) { telling.outlives() }, hangs, returned},
		{"returned", func(_ *telling, end func()) { end() }, returned, returned},
	} {
		t.Run(row.from, func(t *testing.T) {
			telling := &telling{hangs: make(chan struct{})}
			end := telling.begin(func() where.Place { return code })
			run := telling.in.Load()
			look := func(when string, want state) {
				t.Helper()
				counted := 0
				if want == hangs {
					counted = 1
				}
				if run.state != want || hanging.code[code] != counted {
					t.Errorf("%s: %d, and counted %d times", when, run.state, hanging.code[code])
				}
			}
			row.arrange(telling, end)
			telling.in.Store(run) // who waits has read it, and it returns meanwhile
			telling.outlives()
			look("outlived", row.outlived)
			end()
			look("over", row.over)
			if hanging.any.Load() {
				t.Error("something hangs")
			}
		})
	}
}
