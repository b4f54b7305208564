package workloads

import (
	"fmt"
	"runtime"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// served are the lives of services that are declared first and then served, by a goroutine
// or in a tree, and the memory that they take while they are idle.
func served() []*Workload {
	return []*Workload{
		servedSpawn("served/spawn", "declare a service and serve it on a goroutine, ask it once, stop it",
			func(s *systems.System) bool { return s.SpawnServed != nil },
			func(s *systems.System) (lives, error) { return lives{s.SpawnServed, none}, nil }),
		servedSpawn("supervised/spawn", "add a service to a tree, ask it once, have it ended and removed",
			func(s *systems.System) bool { return s.NewTree != nil },
			func(s *systems.System) (lives, error) {
				tree, err := s.NewTree()
				if err != nil {
					return lives{}, err
				}
				return lives{tree.Spawn, tree.Stop}, nil
			}),
		servedFootprint("served/footprint", "idle services that goroutines serve", 100_000,
			func(s *systems.System) bool { return s.StartServed != nil },
			startServed),
		servedFootprint("supervised/footprint", "idle services of one tree", 20_000,
			func(s *systems.System) bool { return s.NewTree != nil },
			startSupervised),
	}
}

func none() error { return nil }

// lives is where services are made and ended.
type lives struct {
	spawn func(n int) (ran int, err error)
	stop  func() error
}

func servedSpawn(name, about string, has func(*systems.System) bool, begin func(*systems.System) (lives, error)) *Workload {
	return &Workload{
		Name:  name,
		About: about,
		Has:   has,
		Run: func(m *Meter, s *systems.System, ops int) error {
			l, err := begin(s)
			if err != nil {
				return err
			}
			m.Start()
			ran, err := l.spawn(ops)
			m.Stop()
			if err != nil {
				return err
			}
			if err := expect("closures that ran", ran, ops); err != nil {
				return err
			}
			return l.stop()
		},
	}
}

func servedFootprint(name, about string, services int, has func(*systems.System) bool,
	start func(s *systems.System, n int) (stop func() error, err error)) *Workload {
	return &Workload{
		Name:    name,
		About:   fmt.Sprintf("%d %s and have answered once each: heap and stack in use", services, about),
		Ops:     services,
		Quick:   services,
		Rounds:  3,
		Alone:   true,
		Needs:   2_000,
		Figures: []Figure{{name, Bytes}},
		Has:     has,
		Run: func(m *Meter, s *systems.System, ops int) error {
			stop, err := start(s, 1) // what is made once for all
			if err != nil {
				return err
			}
			if err := stop(); err != nil {
				return err
			}
			before := readMemory()
			m.Start()
			if stop, err = start(s, ops); err != nil {
				return err
			}
			m.Stop()
			after := readMemory()
			m.Report(name, float64(after.heap+after.stacks-before.heap-before.stacks)/float64(ops))
			err = stop()
			runtime.KeepAlive(stop)
			return err
		},
	}
}

func startServed(s *systems.System, n int) (stop func() error, err error) {
	svcs := make([]systems.Service, n)
	for i := range svcs {
		if svcs[i], err = s.StartServed(); err != nil {
			return nil, fmt.Errorf("start service %d: %w", i, err)
		}
	}
	for _, svc := range svcs { // which has it begin
		if err := svc.Tell(1); err != nil {
			return nil, err
		}
		sum, err := svc.Value()
		if err != nil {
			return nil, err
		}
		if err := expect("closures that ran", sum, 1); err != nil {
			return nil, err
		}
	}
	return func() error { return stopAll(svcs) }, nil
}

func startSupervised(s *systems.System, n int) (stop func() error, err error) {
	tree, err := s.NewTree()
	if err != nil {
		return nil, err
	}
	sum := 0
	for range n {
		answer, err := tree.Add()
		if err != nil {
			return nil, err
		}
		sum += answer
	}
	return tree.Stop, expect("sum of the answers", sum, n)
}
