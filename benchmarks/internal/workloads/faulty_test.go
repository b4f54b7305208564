package workloads

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

var errFaulty = errors.New("a fault of the system")

// faulty is a mutex that does not do its work properly: what it is told or asked last is
// left out, or it returns an error instead.
type faulty struct {
	mu   sync.Mutex
	n    int
	fail bool
}

func (f *faulty) less(n int) (int, error) {
	if f.fail {
		return 0, errFaulty
	}
	return max(n-1, 0), nil
}

func (f *faulty) Tell(n int) error {
	n, err := f.less(n)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n += n
	return err
}

func (f *faulty) TellCapture(n int) error {
	n, err := f.less(n)
	f.n += upTo(n - 1)
	return err
}

func (f *faulty) Value() (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n, nil
}

func (f *faulty) Stop() error { return nil }

type faultyCaller struct{}

func (faultyCaller) Call(s systems.Service, n int) (sum int, err error) {
	n, err = s.(*faulty).less(n)
	return upTo(n), err
}

type faultyRing struct {
	faulty
	size int
}

func (r *faultyRing) Pass(int) error       { _, err := r.less(0); return err }
func (r *faultyRing) Hops() ([]int, error) { return make([]int, r.size), nil }

type faultyRestarter struct{ faulty }

func (r *faultyRestarter) Restart(n int) (int, error) { return r.less(n) }

// faultyNest and faultyTree lose the last of their calls.
type faultyNest struct{ faulty }

func (f *faultyNest) Call(n int) (int, error) {
	n, err := f.less(n)
	return upTo(n), err
}

type faultyTree struct{ faulty }

func (f *faultyTree) Add() (int, error)        { return f.less(1) }
func (f *faultyTree) Spawn(n int) (int, error) { return f.less(n) }

// faultyPool loses the last closure, in whatever way it is handed over.
type faultyPool struct{ faulty }

func (p *faultyPool) TellByKey(n int) error { return p.Tell(n) }
func (p *faultyPool) Call(n int) error      { return p.Tell(n) }
func (p *faultyPool) Sum() (int, error)     { return p.Value() }

// faultyTopic has subscribers of which the last one misses the last number.
type faultyTopic struct {
	faulty
	sums []int
}

func (t *faultyTopic) Publish(n int) error {
	for i := range t.sums {
		t.sums[i] = upTo(n)
	}
	less, err := t.less(n)
	t.sums[len(t.sums)-1] = upTo(less)
	return err
}

func (t *faultyTopic) Sums() ([]int, error) { return t.sums, nil }

// faultyQueue is a queue that loses the last number.
type faultyQueue struct{}

func (faultyQueue) Push(int, int)       {}
func (faultyQueue) Pop(n int) int       { return upTo(n - 2) }
func (faultyQueue) Alternate(n int) int { return upTo(n - 2) }

func faultySystem(fail bool) *systems.System {
	start := func() (systems.Service, error) { return &faulty{fail: fail}, nil }
	return &systems.System{
		Name:        "faulty",
		Start:       start,
		NewCaller:   func() systems.Caller { return faultyCaller{} },
		Bounded:     func(int) (systems.Service, error) { return start() },
		Spawn:       func(n int) (int, error) { return (&faulty{fail: fail}).less(n) },
		NewNest:     func() (systems.Nest, error) { return &faultyNest{faulty{fail: fail}}, nil },
		CallDeep:    func(s systems.Service) (int, error) { return s.(*faulty).less(1) },
		NewTree:     func() (systems.Tree, error) { return &faultyTree{faulty{fail: fail}}, nil },
		StartServed: start,
		SpawnServed: func(n int) (int, error) { return (&faulty{fail: fail}).less(n) },
		NewRing: func(size int) (systems.Ring, error) {
			return &faultyRing{faulty: faulty{fail: fail}, size: size}, nil
		},
		NewRestarter: func() (systems.Restarter, error) { return &faultyRestarter{faulty: faulty{fail: fail}}, nil },
		NewQueue:     func() systems.Queue { return faultyQueue{} },
		NewPool:      func(int) (systems.Pool, error) { return &faultyPool{faulty{fail: fail}}, nil },
		NewTopic: func(subscribers int) (systems.Topic, error) {
			return &faultyTopic{faulty{fail: fail}, make([]int, subscribers)}, nil
		},
	}
}

// TestFaultIsFound has each workload run with a system that loses something, and with one
// that returns an error.
func TestFaultIsFound(t *testing.T) {
	for _, w := range All() {
		if w.Name == BoundedName {
			continue // 1,024 senders that nobody holds up are too much for the race detector
		}
		for _, fail := range []bool{false, true} {
			s := faultySystem(fail)
			if !w.Has(s) {
				t.Errorf("%s does not run with the faulty system", w.Name)
			}
			err := w.Run(new(Meter), s, size(w.Name))
			switch {
			case err == nil:
				t.Errorf("%s does not find out that work was lost (error: %t)", w.Name, fail)
			case fail && s.NewQueue == nil && !errors.Is(err, errFaulty):
				t.Errorf("%s returns %v, and not the error of the system", w.Name, err)
			}
		}
	}
}

func TestFaultOfBoundedIsFound(t *testing.T) {
	for _, fail := range []bool{false, true} {
		err := feed(new(Meter), &faulty{fail: fail}, 1, 20*time.Millisecond)
		if err == nil || fail && !errors.Is(err, errFaulty) {
			t.Errorf("error: %v", err)
		}
	}
}

// TestReaderIsChecked is the same for systems that only read.
func TestReaderIsChecked(t *testing.T) {
	s := faultySystem(false)
	s.Reads = true
	for _, w := range calls() {
		if !w.Has(s) {
			continue
		}
		if err := w.Run(new(Meter), s, 100); err == nil {
			t.Errorf("%s does not find out that what is read is wrong", w.Name)
		}
	}
}

func TestStartFails(t *testing.T) {
	s := faultySystem(false)
	s.Start = func() (systems.Service, error) { return nil, errFaulty }
	s.Bounded = func(int) (systems.Service, error) { return nil, errFaulty }
	s.NewRing = func(int) (systems.Ring, error) { return nil, errFaulty }
	s.NewRestarter = func() (systems.Restarter, error) { return nil, errFaulty }
	s.Spawn = func(int) (int, error) { return 0, errFaulty }
	s.NewNest = func() (systems.Nest, error) { return nil, errFaulty }
	s.NewTree = func() (systems.Tree, error) { return nil, errFaulty }
	s.StartServed = s.Start
	s.SpawnServed = s.Spawn
	s.NewPool = func(int) (systems.Pool, error) { return nil, errFaulty }
	s.NewTopic = func(int) (systems.Topic, error) { return nil, errFaulty }
	s.NewQueue = nil
	for _, w := range All() {
		if !w.Has(s) {
			continue
		}
		if err := w.Run(new(Meter), s, size(w.Name)); !errors.Is(err, errFaulty) {
			t.Errorf("%s returns %v", w.Name, err)
		}
	}
}

func TestGrown(t *testing.T) {
	const mb = 1 << 20
	level := func(values ...int64) (used []int64) {
		for _, v := range values {
			for range 5 {
				used = append(used, v*mb)
			}
		}
		return used
	}
	if err := grown(level(1, 50, 50, 50)); err != nil {
		t.Errorf("warming up: %v", err)
	}
	if err := grown(level(50, 50, 3, 2)); err != nil {
		t.Errorf("shrinking: %v", err)
	}
	if err := grown(level(10, 10, 11, 16)); err == nil {
		t.Error("growth is not found")
	}
	outlier := level(10, 10, 10, 10)
	outlier[17] = 50 * mb
	if err := grown(outlier); err != nil {
		t.Errorf("one reading: %v", err)
	}
}
