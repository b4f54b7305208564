package sim

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/bruskajp/nano_services/internal/seam"
)

// What takes part in a run, and what it is called.

// service is a service that takes part.
type service struct {
	path   string
	in     seam.Insider // the present incarnation
	spared bool         // no fault is for it
	calls  int          // closures that were begun
	seen   uint64       // accepted, when last looked
	causes []cause      // of what is in the queue
}

// cause is who has handed a closure over, and in which step.
type cause struct {
	who  string
	step int
}

// Join implements seam.Scheduler.
func (k *kernel) Join(name string, stop func(context.Context) error) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	path := k.unique(name)
	k.ends = append(k.ends, stop)
	k.serviceAt(path).spared = true
	return path
}

// Root implements seam.Scheduler.
func (k *kernel) Root(name string, who any, stop func(context.Context) error) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if path, known := k.roots[who]; known {
		return path
	}
	path := k.unique(name)
	k.roots[who] = path
	k.ends = append(k.ends, stop)
	return path
}

// unique returns a name that no other has; mu is held.
func (k *kernel) unique(name string) string {
	k.names[name]++
	if n := k.names[name]; n > 1 {
		return name + "~" + strconv.Itoa(n)
	}
	return name
}

// Enter implements seam.Scheduler.
func (k *kernel) Enter(path string, in seam.Insider) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.serviceAt(path).in = in
}

func (k *kernel) serviceAt(path string) *service {
	s := k.services[path]
	if s == nil {
		s = &service{path: path}
		k.services[path] = s
	}
	return s
}

// nameOf numbers goroutines that were created at one place, and those that wait for one
// service: several that a closure has started may do so at once. mu is held.
func (k *kernel) nameOf(t *turn) string {
	if !strings.HasPrefix(t.who, "go ") {
		who := t.path
		for n := 2; slices.ContainsFunc(k.ready, func(other *turn) bool { return other.who == who }); n++ {
			who = t.path + "~" + strconv.Itoa(n)
		}
		return who
	}
	id := t.who + " " + t.id
	if k.strange[id] == "" {
		k.strange[id] = k.unique(t.who)
	}
	return k.strange[id]
}

// attributes says of what has come into the queues since the latest step that it came from
// who has taken that; mu is held.
func (k *kernel) attributes() {
	for _, s := range k.services {
		if s.in == nil {
			continue
		}
		accepted, _ := s.in.Queue()
		for ; s.seen < accepted; s.seen++ {
			s.causes = append(s.causes, cause{k.busy.who, k.at})
		}
	}
}

// atRest reports whether all queues are empty and no closure is half-way, other than what a
// client does: one that sleeps has nothing to do now.
func (k *kernel) atRest() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.ready) > 0 {
		return false
	}
	for _, s := range k.services {
		if s.in == nil || k.run.client(s.path) != nil {
			continue
		}
		accepted, taken := s.in.Queue()
		if _, between := s.in.State(); !between || accepted != taken {
			return false
		}
	}
	return true
}
