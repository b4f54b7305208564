package workloads

import (
	"fmt"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// groups are several services behind one handle, and several that listen to one source.
func groups() []*Workload {
	return []*Workload{
		poolWorkload("pool/tell", "closures from one sender to the member of a pool with the least to do, until the last has run",
			systems.Pool.Tell),
		poolWorkload("pool/key", "the same to the members that 64 keys belong to, in turn", systems.Pool.TellByKey),
		poolWorkload("pool/call", "one caller asks the member of a pool with the least to do, and waits for each answer",
			systems.Pool.Call),
		topicWorkload(1),
		topicWorkload(100),
	}
}

// poolWorkload hands work to a pool. Each closure adds one to the value of a member, so
// the sum of the values shows that each has run once.
func poolWorkload(name, about string, work func(p systems.Pool, n int) error) *Workload {
	const members = 4
	return &Workload{
		Name:  name,
		About: fmt.Sprintf("%s (%d members)", about, members),
		Has:   func(s *systems.System) bool { return s.NewPool != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			pool, err := s.NewPool(members)
			if err != nil {
				return err
			}
			m.Start()
			if err := work(pool, ops); err != nil {
				return err
			}
			sum, err := pool.Sum()
			m.Stop()
			if err != nil {
				return err
			}
			if err := expect("closures that ran", sum, ops); err != nil {
				return err
			}
			return pool.Stop()
		},
	}
}

// topicWorkload publishes numbers, until the last has reached each subscriber.
func topicWorkload(subscribers int) *Workload {
	return &Workload{
		Name:  fmt.Sprintf("topic/%d", subscribers),
		About: "publish an event to " + count(subscribers, "service") + ", until the last has reached each",
		Has:   func(s *systems.System) bool { return s.NewTopic != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			topic, err := s.NewTopic(subscribers)
			if err != nil {
				return err
			}
			m.Start()
			if err := topic.Publish(ops); err != nil {
				return err
			}
			sums, err := topic.Sums()
			m.Stop()
			if err != nil {
				return err
			}
			if err := expect("subscribers with a sum", len(sums), subscribers); err != nil {
				return err
			}
			for i, sum := range sums {
				if err := expect(fmt.Sprintf("sum of the events at subscriber %d", i), sum, upTo(ops)); err != nil {
					return err
				}
			}
			return topic.Stop()
		},
	}
}
