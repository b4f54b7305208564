package workloads

import (
	"fmt"
	"runtime"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// idlers are very many services with nothing to do: their memory, and the time to start
// one, to call it once, and to stop it.
func idlers() []*Workload {
	hundredThousand := idler("100k", 100_000)
	hundredThousand.Quick = hundredThousand.Ops
	hundredThousand.Rounds = 3
	hundredThousand.Needs = 2_000

	million := idler("1M", 1_000_000)
	million.Rounds = 1
	million.Needs = 8_000
	million.Has = func(s *systems.System) bool { return startsServices(s) && !s.Few }
	return []*Workload{hundredThousand, million}
}

func idler(amount string, services int) *Workload {
	name := "footprint/" + amount
	start, call, stop := "scale/"+amount+"/start", "scale/"+amount+"/call", "scale/"+amount+"/stop"
	return &Workload{
		Name: name,
		About: fmt.Sprintf("%s idle services that have answered once each: heap and stack in use, resident memory, "+
			"and the time to start one, to call it, to stop it", amount),
		Ops:   services,
		Alone: true,
		Figures: []Figure{
			{name, Bytes}, {name + "/rss", Bytes},
			{start, Nanoseconds}, {call, Nanoseconds}, {stop, Nanoseconds},
		},
		Has: startsServices,
		Run: func(m *Meter, s *systems.System, ops int) error {
			i, err := idle(s, ops)
			if err != nil {
				return err
			}
			per := 1 / float64(ops)
			m.Elapsed = i.start + i.call // so the time beside bytes is that of a start and the first answer
			m.Report(name, float64(i.used)*per)
			if i.resident > 0 {
				m.Report(name+"/rss", float64(i.resident)*per)
			}
			m.Report(start, float64(i.start)*per)
			m.Report(call, float64(i.call)*per)
			m.Report(stop, float64(i.stop)*per)
			return nil
		},
	}
}

// idled is what many idle services took.
type idled struct {
	used, resident    int64 // bytes of all; resident is 0 if that cannot be known
	start, call, stop time.Duration
}

// idle starts services, calls each once, reads memory, and stops them.
func idle(s *systems.System, services int) (i idled, err error) {
	svcs := make([]systems.Service, services)
	warmUp, err := s.Start() // what is made once for all, such as an actor system
	if err != nil {
		return i, err
	}
	if err := warmUp.Stop(); err != nil {
		return i, err
	}
	before := readMemory()
	begin := time.Now()
	for k := range svcs {
		if svcs[k], err = s.Start(); err != nil {
			return i, fmt.Errorf("start service %d: %w", k, err)
		}
	}
	i.start = time.Since(begin)
	begin = time.Now()
	if err := callEach(s, svcs); err != nil {
		return i, err
	}
	i.call = time.Since(begin)
	after := readMemory()
	i.used = after.heap + after.stacks - before.heap - before.stacks
	if ResidentKnown() {
		i.resident = after.resident - before.resident
	}
	begin = time.Now()
	if err := stopAll(svcs); err != nil {
		return i, err
	}
	i.stop = time.Since(begin)
	runtime.KeepAlive(svcs)
	return i, nil
}

// callEach calls each service once, which has not been called before.
func callEach(s *systems.System, svcs []systems.Service) error {
	caller := s.NewCaller()
	sum := 0
	for _, svc := range svcs {
		n, err := caller.Call(svc, 1)
		if err != nil {
			return err
		}
		sum += n
	}
	return expect("sum of the answers", sum, len(svcs))
}
