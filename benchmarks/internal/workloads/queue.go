package workloads

import (
	"fmt"
	"runtime"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

func hasQueue(s *systems.System) bool { return s.NewQueue != nil }

// queues are the queue alone, without services.
func queues() []*Workload {
	all := []*Workload{{
		Name:  "queue/alone",
		About: "one goroutine appends a number and removes it",
		Has:   hasQueue,
		Run: func(m *Meter, s *systems.System, ops int) error {
			q := s.NewQueue()
			m.Start()
			sum := q.Alternate(ops)
			m.Stop()
			return expect("sum of the numbers", sum, upTo(ops-1))
		},
	}}
	for _, producers := range []int{1, 8} {
		all = append(all, &Workload{
			Name:  fmt.Sprintf("queue/%d", producers),
			About: count(producers, "producer") + " and a consumer, until the last number has been removed",
			Has:   hasQueue,
			Run: func(m *Meter, s *systems.System, ops int) error {
				return produce(m, s.NewQueue(), producers, ops)
			},
		})
	}
	return append(all, &Workload{
		Name:    "queue/idle",
		About:   "heap of an empty queue that has been used once",
		Ops:     500, // some of them are large
		Quick:   200,
		Rounds:  1,
		Alone:   true,
		Figures: []Figure{{"queue/idle", Bytes}},
		Has:     hasQueue,
		Run:     idleQueues,
	})
}

// produce has producers append numbers of their own while this goroutine removes.
func produce(m *Meter, q systems.Queue, producers, ops int) error {
	m.Start()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = share(producers, ops, func(i, part int) error {
			q.Push(firstOf(i, producers, ops), part)
			return nil
		})
	}()
	sum := q.Pop(ops)
	m.Stop()
	<-done
	return expect("sum of the numbers", sum, upTo(ops-1))
}

// firstOf returns the first of the numbers that belong to member i of n, which share
// those from 0 to ops-1 as share does.
func firstOf(i, n, ops int) int { return i*(ops/n) + min(i, ops%n) }

func idleQueues(m *Meter, s *systems.System, ops int) error {
	queues := make([]systems.Queue, ops)
	before := readMemory()
	sum := 0
	m.Start()
	for i := range queues {
		queues[i] = s.NewQueue()
		queues[i].Push(i, 1)
		sum += queues[i].Pop(1)
	}
	m.Stop()
	after := readMemory()
	m.Report("queue/idle", float64(after.heap-before.heap)/float64(ops))
	runtime.KeepAlive(queues)
	return expect("sum of the numbers", sum, upTo(ops-1))
}
