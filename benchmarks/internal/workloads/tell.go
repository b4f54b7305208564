package workloads

import (
	"fmt"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// tells hand closures to one service, until the last of them has run.
func tells() []*Workload {
	all := []*Workload{}
	for _, senders := range []int{1, 8, 64} {
		all = append(all, &Workload{
			Name:  fmt.Sprintf("tell/%d", senders),
			About: "closures from " + count(senders, "sender") + " to one service, until the last has run",
			Has:   startsServices,
			Run: func(m *Meter, s *systems.System, ops int) error {
				return tell(m, s, senders, ops)
			},
		})
	}
	return append(all, &Workload{
		Name:  "tell/1-capture",
		About: "the same with one sender, whose closures capture a variable",
		Has:   startsServices,
		Run:   tellCapture,
	})
}

// tell has senders share the sending. What comes last is a question, whose answer says
// that everything before it has run.
func tell(m *Meter, s *systems.System, senders, ops int) error {
	svc, err := s.Start()
	if err != nil {
		return err
	}
	m.Start()
	err = share(senders, ops, func(_, part int) error { return svc.Tell(part) })
	if err != nil {
		return err
	}
	sum, err := svc.Value()
	m.Stop()
	if err != nil {
		return err
	}
	if err := expect("closures that ran", sum, ops); err != nil {
		return err
	}
	return svc.Stop()
}

func tellCapture(m *Meter, s *systems.System, ops int) error {
	svc, err := s.Start()
	if err != nil {
		return err
	}
	m.Start()
	if err := svc.TellCapture(ops); err != nil {
		return err
	}
	sum, err := svc.Value()
	m.Stop()
	if err != nil {
		return err
	}
	if err := expect("sum of what the closures had captured", sum, upTo(ops-1)); err != nil {
		return err
	}
	return svc.Stop()
}

// count says how many there are of something.
func count(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
