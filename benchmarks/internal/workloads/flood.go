package workloads

import (
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// flood is a service that is sent closures without end.
type flood struct {
	svc  systems.Service
	stop atomic.Bool
	sent atomic.Int64
	done chan error

	flows chan struct{} // one for each sender that is in full swing
}

const (
	floodSenders = 4

	// A sender looks for the end after this many closures.
	floodBatch = 64

	// And after this many it waits until they have run, since not every queue is bounded,
	// and senders that are faster than the service would fill the memory.
	floodBurst = 1 << 14
)

// startFlood starts a flood, and returns when it flows.
func startFlood(s *systems.System) (*flood, error) {
	start := s.Flood
	if start == nil {
		start = s.Start
	}
	svc, err := start()
	if err != nil {
		return nil, err
	}
	f := &flood{svc: svc, done: make(chan error, 1), flows: make(chan struct{}, floodSenders)}
	go func() {
		f.done <- share(floodSenders, 0, func(int, int) error { return f.send() })
	}()
	for range floodSenders {
		<-f.flows
	}
	return f, nil
}

func (f *flood) send() error {
	flows := sync.OnceFunc(func() { f.flows <- struct{}{} })
	defer flows() // also if the system fails
	for n := floodBatch; !f.stop.Load(); n += floodBatch {
		if err := f.svc.Tell(floodBatch); err != nil {
			return err
		}
		f.sent.Add(floodBatch)
		if n%floodBurst == 0 {
			if _, err := f.svc.Value(); err != nil {
				return err
			}
			flows()
		}
	}
	return nil
}

// end ends the flood and reports whether everything that was sent has run.
func (f *flood) end() error {
	f.stop.Store(true)
	if err := <-f.done; err != nil {
		return err
	}
	sum, err := f.svc.Value()
	if err != nil {
		return err
	}
	if err := expect("closures of the flood that ran", sum, int(f.sent.Load())); err != nil {
		return err
	}
	return f.svc.Stop()
}
