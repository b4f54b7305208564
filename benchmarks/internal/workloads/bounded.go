package workloads

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// BoundedName is the workload whose operations are milliseconds.
const BoundedName = "scale/bounded"

// bounded feeds one service from very many senders for a time, and finds out whether the
// memory grows.
func bounded() *Workload {
	const (
		senders  = 1024
		capacity = 1024
	)
	return &Workload{
		Name: BoundedName,
		About: fmt.Sprintf("%d senders feed one service with room for %d closures for a minute, and the memory does not grow",
			senders, capacity),
		Ops:     60_000,
		Quick:   1_500,
		Rounds:  1,
		Alone:   true,
		Figures: []Figure{{BoundedName, Nanoseconds}, {BoundedName + "/memory", Bytes}},
		Has:     func(s *systems.System) bool { return s.Bounded != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			svc, err := s.Bounded(capacity)
			if err != nil {
				return err
			}
			return feed(m, svc, senders, time.Duration(ops)*time.Millisecond)
		},
	}
}

// feed has senders feed a service for a time.
func feed(m *Meter, svc systems.Service, senders int, length time.Duration) error {
	var stop atomic.Bool
	var sent atomic.Int64
	ended := make(chan error, 1)
	before := inUse()
	m.Start()
	go func() {
		ended <- share(senders, 0, func(int, int) error {
			for !stop.Load() {
				if err := svc.Tell(floodBatch); err != nil {
					return err
				}
				sent.Add(floodBatch)
			}
			return nil
		})
	}()
	used := watch(length)
	stop.Store(true)
	if err := <-ended; err != nil {
		return err
	}
	sum, err := svc.Value()
	m.Stop()
	if err != nil {
		return err
	}
	m.Ops = int(sent.Load())
	m.Report(BoundedName, float64(m.Elapsed)/float64(m.Ops))
	m.Report(BoundedName+"/memory", float64(used[len(used)-1]-before))
	if err := expect("closures that ran", sum, m.Ops); err != nil {
		return err
	}
	if err := svc.Stop(); err != nil {
		return err
	}
	return grown(used)
}

// watch reads the memory in use at equal intervals.
func watch(length time.Duration) (used []int64) {
	const readings = 20
	tick := time.NewTicker(length / readings)
	defer tick.Stop()
	for range readings {
		<-tick.C
		used = append(used, inUse())
	}
	return used
}

// inUse collects garbage and returns the bytes of stacks in use, and of the heap what the
// collection has found in use: on a busy machine, much is allocated before that is read.
func inUse() int64 {
	runtime.GC()
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() + samples[1].Value.Uint64())
}

// grown returns an error if the memory of the last quarter is more than that of the
// second; in the first one, everything has to find its size. What is allowed are a tenth
// and some MB, for what is allocated while a reading collects garbage. A queue that takes
// what the senders have to give grows by a hundred MB in a second.
func grown(used []int64) error {
	const slack = 4 << 20
	quarter := len(used) / 4
	middle := func(part []int64) int64 {
		return slices.Sorted(slices.Values(part))[len(part)/2]
	}
	early, late := middle(used[quarter:2*quarter]), middle(used[len(used)-quarter:])
	if late > early+early/10+slack {
		return fmt.Errorf("the memory in use grew from %d to %d bytes", early, late)
	}
	return nil
}
