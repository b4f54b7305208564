package observer

import (
	"sync"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// kept is how many samples of each service there are at most: those of a minute.
const kept = 60

// over is the time over which a rate is taken.
const over = 10 * time.Second

// series are the latest samples of all services: rings, in which a sample has the same place for
// all. Each service takes half a kilobyte, while clients ask and for a minute afterwards.
type series struct {
	mu    sync.Mutex
	n     int // of samples so far
	times [kept]time.Time
	from  int               // the number of the first sample of the last ten seconds, or of the one before the last
	of    map[string]*track // by path
}

// track has the samples of a service. The numbers of closures wrap around, but their differences
// are right nevertheless.
type track struct {
	first, last int     // the numbers of its samples, which have no gap
	points      []point // at most kept: then a ring, in which a sample is at its number
}

type point struct{ executed, queued uint32 }

// at returns a sample by its number.
func (t *track) at(n int) point { return t.points[(n-t.first)%kept] }

// add enters the sample with the number n, which is the next one.
func (t *track) add(n int, p point) {
	if t.last = n; n-t.first < kept {
		t.points = append(t.points, p)
	} else {
		t.points[(n-t.first)%kept] = p
	}
}

// add enters a sample of all services.
func (s *series) add(at time.Time, tree *supervisor.Node) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]*track{}
	}
	s.times[s.n%kept] = at
	s.from = max(s.n-1, 0) // also of samples that are far apart
	for s.from > max(s.n+1-kept, 0) && at.Sub(s.times[(s.from-1)%kept]) <= over {
		s.from--
	}
	s.enter(tree)
	if s.n%kept == kept-1 {
		for path, t := range s.of {
			if t.last != s.n {
				delete(s.of, path)
			}
		}
	}
	s.n++
}

func (s *series) enter(n *supervisor.Node) {
	if i := n.Service; i != nil {
		t := s.of[n.Path]
		if t == nil || t.last < s.n-1 || int32(uint32(i.Executed)-t.at(t.last).executed) < 0 { // another service by that name
			t = &track{first: s.n}
			s.of[n.Path] = t
		}
		t.add(s.n, point{uint32(i.Executed), uint32(i.Queued)})
	}
	for k := range n.Children {
		s.enter(&n.Children[k])
	}
}

// forget drops all samples.
func (s *series) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n, s.of = 0, nil
}

// rate returns how many closures a service has executed a second in the last ten seconds, or
// since it was first seen. It reports false until it was seen twice.
func (s *series) rate(path string) (perSecond float64, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.of[path]
	if t == nil || t.last != s.n-1 {
		return 0, false
	}
	return s.between(t, max(s.from, s.oldest(t)), t.last)
}

// between returns the rate between two samples; mu is held.
func (s *series) between(t *track, from, to int) (perSecond float64, known bool) {
	d := s.times[to%kept].Sub(s.times[from%kept])
	if d <= 0 {
		return 0, false
	}
	return float64(t.at(to).executed-t.at(from).executed) / d.Seconds(), true
}

// oldest returns the number of the first sample of a track that is still there; mu is held.
func (s *series) oldest(t *track) int { return max(t.first, s.n-kept) }

// lines returns what was sampled of a service: how many closures waited, and how many were
// executed a second between each sample and the one before.
func (s *series) lines(path string) (queued, rates []float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.of[path]
	if t == nil || t.last != s.n-1 {
		return nil, nil
	}
	for i := s.oldest(t); i <= t.last; i++ {
		queued = append(queued, float64(t.at(i).queued))
		if i > s.oldest(t) {
			r, _ := s.between(t, i-1, i)
			rates = append(rates, r)
		}
	}
	return queued, rates
}
