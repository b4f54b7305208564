package workloads

import (
	"fmt"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// curves show what becomes of the cost of a closure when there are more senders, and of
// that of a call when there are more services.
func curves() (all []*Workload) {
	for _, senders := range []int{1, 4, 16, 64, 256, 1024, 100_000} {
		w := &Workload{
			Name:  "scale/tell/" + short(senders),
			About: "closures from " + count(senders, "sender") + " to one service, until the last has run",
			// With so many, protoactor's bounded mailbox, whose senders spin while it is full,
			// does not come to an end within minutes.
			Has: func(s *systems.System) bool { return startsServices(s) && (senders < 2_000 || !s.Few) },
			Run: func(m *Meter, s *systems.System, ops int) error {
				return tell(m, s, senders, ops)
			},
		}
		if senders > 2_000 { // whose goroutines would slow down what comes afterwards
			w.Alone, w.Ops, w.Quick, w.Rounds = true, 500_000, 150_000, 3
		}
		all = append(all, w)
	}
	for _, services := range []int{1, 10, 100, 1000, 10_000, 100_000} {
		w := &Workload{
			Name:  "scale/call/" + short(services),
			About: "one caller asks " + count(services, "service") + " in turn",
			Has:   startsServices,
			Run: func(m *Meter, s *systems.System, ops int) error {
				return call(m, s, 1, services, ops)
			},
		}
		if services > 2_000 {
			w.Alone, w.Ops, w.Quick, w.Rounds = true, 200_000, 50_000, 3
		}
		if services > w.Quick {
			w.Quick = 0 // to start and stop them takes longer than all the rest
		}
		all = append(all, w)
	}
	return all
}

// short writes a number as names have it: 100k, and not 100000.
func short(n int) string {
	if n >= 10_000 && n%1000 == 0 {
		return fmt.Sprintf("%dk", n/1000)
	}
	return fmt.Sprint(n)
}
