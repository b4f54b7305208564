package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whatever is nil, or was not made by Run, says so.
func TestNilIsSaid(t *testing.T) {
	inside := func(f func(*Sim)) func() {
		return func() {
			var said any
			s := quickly(t, func(s *Sim) {
				defer func() { said = recover() }()
				f(s)
			}, 1)
			s.once(seed{"default", 0, 1}, explore(seed{"default", 0, 1}), nil, false)
			if said != nil {
				panic(said)
			}
		}
	}
	none := new(Sim)
	for name, f := range map[string]func(){
		"Run":            func() { Run(t, nil) },
		"State":          func() { State(newService("x", func() *int { return new(int) })) },
		"Go nil":         inside(func(s *Sim) { s.Go("x", nil) }),
		"Block nil":      inside(func(s *Sim) { s.Block(nil) }),
		"Always nil":     inside(func(s *Sim) { s.Always("x", nil) }),
		"AtRest nil":     inside(func(s *Sim) { s.AtRest("x", nil) }),
		"Finally nil":    inside(func(s *Sim) { s.Finally("x", nil) }),
		"Eventually":     inside(func(s *Sim) { s.Eventually("x", time.Second, nil) }),
		"Faults":         inside(func(s *Sim) { s.Faults(Faults{Crash: 2}) }),
		"Faults Max":     inside(func(s *Sim) { s.Faults(Faults{Max: -1}) }),
		"zero Context":   func() { none.Context() },
		"zero Go":        func() { none.Go("x", nil) },
		"zero Settle":    func() { none.Settle() },
		"zero Rand":      func() { none.Rand("x") },
		"zero Faults":    func() { none.Faults(Faults{}) },
		"zero Error":     func() { none.Error("x") },
		"zero Failed":    func() { none.Failed() },
		"zero Log":       func() { none.Log("x") },
		"zero Always":    func() { none.Always("x", func() error { return nil }) },
		"zero Sometimes": func() { none.Sometimes("x", true) },
		"nil Sim":        func() { (*Sim)(nil).Context() },
	} {
		func() {
			defer func() {
				if p := recover(); !strings.HasPrefix(fmt.Sprint(p), "sim: ") {
					t.Errorf("%s: %v", name, p)
				}
			}()
			f()
		}()
	}
}
