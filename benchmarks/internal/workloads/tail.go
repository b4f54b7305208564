package workloads

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// tail is how long a call takes while the processors are busy with another service.
func tail() *Workload {
	const name = "tail"
	ps := []float64{50, 99, 99.9}
	return &Workload{
		Name:    name,
		About:   fmt.Sprintf("latency of calls to one service while %d senders flood another", floodSenders),
		Ops:     200_000, // so that there are some hundred ms of them
		Quick:   40_000,
		Rounds:  10,
		Figures: percentiles(name, ps...),
		Has:     startsServices,
		Run: func(m *Meter, s *systems.System, ops int) error {
			took, err := callTimes(m, s, ops, func() (end func() error, err error) {
				f, err := startFlood(s)
				if err != nil {
					return nil, err
				}
				return f.end, nil
			})
			if err != nil {
				return err
			}
			m.reportPercentiles(name, took, ps...)
			return nil
		},
	}
}

// patience is how long a run goes on that would do ops operations in half of that time if
// each took as long as said. Where nobody answers for milliseconds it does fewer.
func patience(ops int, each time.Duration) time.Duration {
	return max(2*time.Duration(ops)*each, 50*time.Millisecond)
}

// callTimes calls a service again and again beside something else, and returns how long
// each call took, in order of length. The meter collects its garbage before the other thing
// begins, since beside it that can take seconds.
func callTimes(m *Meter, s *systems.System, ops int, beside func() (end func() error, err error)) ([]time.Duration, error) {
	svc, err := s.Start()
	if err != nil {
		return nil, err
	}
	caller := s.NewCaller()
	sum := 0
	m.Start()
	end, err := beside()
	if err != nil {
		return nil, err
	}
	took, err := latencies(ops, patience(ops, 2500*time.Nanosecond), func() error {
		n, err := caller.Call(svc, 1)
		sum += n
		return err
	})
	err = errors.Join(err, end())
	m.Stop()
	if err != nil {
		return nil, err
	}
	return took, errors.Join(expect("sum of the answers", sum, upTo(len(took))), svc.Stop())
}

// computers are goroutines that only compute.
type computers struct {
	stop atomic.Bool
	done chan error
}

func startComputers(n int) *computers {
	c := &computers{done: make(chan error, 1)}
	go func() {
		c.done <- share(n, 0, func(i, _ int) error {
			x := uint32(i)
			for !c.stop.Load() {
				for range 1000 {
					x = x*1664525 + 1013904223
				}
			}
			computed.Store(x)
			return nil
		})
	}()
	return c
}

// computed keeps the compiler from leaving the computation out.
var computed atomic.Uint32

func (c *computers) end() error {
	c.stop.Store(true)
	return <-c.done
}
