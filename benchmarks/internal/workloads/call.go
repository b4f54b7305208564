package workloads

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// calls ask services and wait for each answer.
func calls() []*Workload {
	return []*Workload{
		callWorkload("call/1", "one caller asks one service", 1, 1),
		callWorkload("call/64-1", "64 callers ask one service", 64, 1),
		callWorkload("call/64-64", "64 callers ask each of 64 services in turn", 64, 64),
		nested(),
		deep(),
	}
}

func callWorkload(name, about string, callers, services int) *Workload {
	return &Workload{
		Name:  name,
		About: about + ", waiting for each answer",
		Has: func(s *systems.System) bool {
			return s.Start != nil && (!s.Reads || services == 1)
		},
		Run: func(m *Meter, s *systems.System, ops int) error {
			return call(m, s, callers, services, ops)
		},
	}
}

// nested is the commonest call of a program that consists of services.
func nested() *Workload {
	return &Workload{
		Name:  "call/nested",
		About: "a closure of one service asks another, with its context, waiting for each answer",
		Has:   func(s *systems.System) bool { return s.NewNest != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			nest, err := s.NewNest()
			if err != nil {
				return err
			}
			m.Start()
			sum, err := nest.Call(ops)
			m.Stop()
			if err != nil {
				return err
			}
			return errors.Join(expect("sum of the answers", sum, upTo(ops)), nest.Stop())
		},
	}
}

// deep asks services that have been idle for a closure that needs more stack than a
// goroutine begins with: of many, so that each has been idle when its turn comes again.
func deep() *Workload {
	const services = 256
	return &Workload{
		Name:  "deep",
		About: fmt.Sprintf("one caller asks %d services in turn for what needs a stack of 12 KB", services),
		Has:   func(s *systems.System) bool { return s.CallDeep != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			svcs, err := startAll(s, services)
			if err != nil {
				return err
			}
			sum, want := 0, 0
			m.Start()
			for i := range ops {
				n, err := s.CallDeep(svcs[i%services])
				if err != nil {
					return err
				}
				sum, want = sum+n, want+i/services+1
			}
			m.Stop()
			return errors.Join(expect("sum of the answers", sum, want), stopAll(svcs))
		},
	}
}

// call has callers ask services in turn. The answers of a service are the numbers from 1
// to as many as it was asked, so their sum shows that each was given once.
func call(m *Meter, s *systems.System, callers, services, ops int) error {
	svcs, err := startAll(s, services)
	if err != nil {
		return err
	}
	if s.Reads {
		if err := prepareReads(svcs[0]); err != nil {
			return err
		}
	}
	var sum atomic.Int64
	m.Start()
	err = share(callers, ops, func(i, part int) error {
		n, err := callInTurn(s, svcs, i, part)
		sum.Add(int64(n))
		return err
	})
	m.Stop()
	if err != nil {
		return err
	}
	want := 0
	if s.Reads {
		want = ops * readValue
	} else {
		for i := range svcs {
			want += upTo(asked(i, callers, services, ops))
		}
	}
	return errors.Join(expect("sum of the answers", int(sum.Load()), want), stopAll(svcs))
}

// readValue is what systems that only read have to find.
const readValue = 3

// prepareReads gives the value of a service that is only read its content.
func prepareReads(svc systems.Service) error {
	if err := svc.Tell(readValue); err != nil {
		return err
	}
	sum, err := svc.Value()
	if err != nil {
		return err
	}
	return expect("closures that ran", sum, readValue)
}

// callInTurn is what caller number i does: it begins with service number i.
func callInTurn(s *systems.System, svcs []systems.Service, i, ops int) (sum int, err error) {
	caller := s.NewCaller()
	if len(svcs) == 1 {
		return caller.Call(svcs[0], ops)
	}
	for k := range ops {
		n, err := caller.Call(svcs[(i+k)%len(svcs)], 1)
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

// asked returns how often service number i is asked.
func asked(i, callers, services, ops int) (n int) {
	for c := range callers {
		part := ops / callers
		if c < ops%callers {
			part++
		}
		n += part / services
		// The remainder goes to the services from number c on.
		if (i-c%services+services)%services < part%services {
			n++
		}
	}
	return n
}

func startAll(s *systems.System, n int) ([]systems.Service, error) {
	svcs := make([]systems.Service, n)
	for i := range svcs {
		svc, err := s.Start()
		if err != nil {
			return nil, fmt.Errorf("start service %d: %w", i, err)
		}
		svcs[i] = svc
	}
	return svcs, nil
}

func stopAll(svcs []systems.Service) error {
	for i, svc := range svcs {
		if err := svc.Stop(); err != nil {
			return fmt.Errorf("stop service %d: %w", i, err)
		}
	}
	return nil
}
