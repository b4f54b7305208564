package workloads

import (
	"fmt"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// ring passes one token around.
func ring() *Workload {
	const size = 1000
	return &Workload{
		Name:  fmt.Sprintf("ring/%d", size),
		About: fmt.Sprintf("one token goes around a ring of %d services; one operation is one hop", size),
		Has:   func(s *systems.System) bool { return s.NewRing != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			r, err := s.NewRing(size)
			if err != nil {
				return err
			}
			m.Start()
			err = r.Pass(ops)
			m.Stop()
			if err != nil {
				return err
			}
			hops, err := r.Hops()
			if err != nil {
				return err
			}
			for i, n := range hops {
				want := ops / size
				if i < ops%size {
					want++
				}
				if err := expect(fmt.Sprintf("hops of service %d", i), n, want); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// spawn is the whole life of a service that does one thing.
func spawn() *Workload {
	return &Workload{
		Name:  "spawn",
		About: "create a service, hand it one closure, stop it",
		Has:   func(s *systems.System) bool { return s.Spawn != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			m.Start()
			ran, err := s.Spawn(ops)
			m.Stop()
			if err != nil {
				return err
			}
			return expect("closures that ran", ran, ops)
		},
	}
}

// restart is the way from a panic to an answer of the service that was brought back.
func restart() *Workload {
	return &Workload{
		Name:  "restart",
		About: "from a panic in the service to its next answer; chan128 is a bare loop that recovers",
		Has:   func(s *systems.System) bool { return s.NewRestarter != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			r, err := s.NewRestarter()
			if err != nil {
				return err
			}
			m.Start()
			sum, err := r.Restart(ops)
			m.Stop()
			if err != nil {
				return err
			}
			// Each answer is the 1 of a fresh value: an old one would say more.
			if err := expect("sum of the answers", sum, ops); err != nil {
				return err
			}
			return r.Stop()
		},
	}
}
