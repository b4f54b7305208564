package pool

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Pool is a number of services of one kind, its members: a router that gives each closure
// to the member with the least to do, and a supervisor that starts, restarts and stops
// them. It is made by New or NewWith and must not be copied; its methods may be called by
// any number of goroutines at once. A zero Pool panics when it is used.
type Pool[T any] struct {
	actor.Router[T]
	*supervisor.Supervisor
	members []*actor.Service[T] // immutable
}

// New declares a pool of n members. build makes the T of each member, as for actor.New. The
// pool may be used at once, and queues until it is served, normally as a child of a supervisor.
// The options are for each member: actor.WithCapacity bounds the queue of every one. But
// actor.WithName names the pool; its members have numbers from 0. The pool puts up with as
// many restarts as it has members, and at least 3, within 5 s. n below 1 and a nil build panic.
func New[T any](n int, build func(context.Context) (*T, error), opts ...actor.Option) *Pool[T] {
	return NewWith(n, build, supervisor.Spec{}, opts...)
}

// NewWith is New for a pool whose supervisor has that spec, with its restart budget,
// interceptors, logger and hook for events. The fields of each member as a child, such as
// Shutdown, StartTimeout and Backoff, are taken from spec.Template. Serve and Start say what
// is wrong with the spec. A spec with Children panics.
func NewWith[T any](n int, build func(context.Context) (*T, error), spec supervisor.Spec, opts ...actor.Option) *Pool[T] {
	if n < 1 {
		panic(fmt.Sprintf("pool: New of size %d: a pool has at least 1 member", n))
	}
	if build == nil {
		panic("pool: New with a nil constructor")
	}
	var each supervisor.Child
	if spec.Template != nil {
		each = *spec.Template
	}
	if len(spec.Children) > 0 || each.Service != nil || each.Name != "" {
		panic("pool: NewWith a spec that has Children, or a Template with a Service or a Name: the children of a pool are its members")
	}
	p := &Pool[T]{members: make([]*actor.Service[T], n)}
	for i := range p.members {
		p.members[i] = actor.New(build, opts...)
		c := each
		c.Name, c.Service = strconv.Itoa(i), p.members[i]
		spec.Children = append(spec.Children, c)
	}
	spec.Template, spec.Together = nil, true
	if spec.MaxRestarts == 0 {
		spec.MaxRestarts = max(n, supervisor.DefaultMaxRestarts)
	}
	p.Router = actor.Route(p.pick)
	p.Supervisor = supervisor.New(p.members[0].Name(), spec)
	return p
}

// What is added to the load of a member that should rather not be picked.
const (
	crashed = math.MaxInt / 4 // it is down, and may be for a while
	last    = 2 * crashed     // it is the caller, and would have to wait for itself
)

// pick returns the member with the least to do of those that take closures, and of equals the
// first. A member that has crashed and is not back comes after those that are up, and the
// calling one after all others. If none takes closures, pick returns the first, which refuses.
func (p *Pool[T]) pick(from *actor.Service[T]) *actor.Service[T] {
	var best *actor.Service[T]
	var least int
	for _, m := range p.members {
		n, accepts := m.Load()
		if !accepts || best != nil && n >= least {
			continue
		}
		switch {
		case m == from:
			n = last
		case m.Err() != nil:
			n += crashed
		}
		if best == nil || n < least {
			best, least = m, n
		}
		if n == 0 {
			break
		}
	}
	if best == nil {
		return p.members[0]
	}
	return best
}

// made panics if the pool is a zero or nil Pool.
func (p *Pool[T]) made() {
	if p == nil || p.Supervisor == nil {
		panic("pool: a Pool is made by New")
	}
}

// Members returns the members, in the order of their numbers.
func (p *Pool[T]) Members() []*actor.Service[T] {
	p.made()
	return slices.Clone(p.members)
}

// Key returns the member that runs the closures of key: always the same one, so that those of
// one sender run in their order. Keys that have the same member wait for each other. So a pool
// that is to keep all processors busy needs many more members than processors, such as 64.
// Another pool of the same size, also in another process, has the key at the same number.
func (p *Pool[T]) Key(key string) *actor.Service[T] {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	return p.KeyNumber(h)
}

// KeyNumber is Key for a number.
func (p *Pool[T]) KeyNumber(key uint64) *actor.Service[T] {
	p.made()
	return p.members[mix(key)%uint64(len(p.members))]
}

// mix spreads a number over all bits: the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

var errFixed = errors.New("the size of a pool is fixed: nothing was changed")

// Add returns an error: the size of a pool is fixed.
func (p *Pool[T]) Add(context.Context, supervisor.Child) error {
	p.made()
	return fmt.Errorf("pool: Add to %s: %w", p.Name(), errFixed)
}

// Remove returns an error: the size of a pool is fixed. Terminate ends a member, and
// Restart brings it back.
func (p *Pool[T]) Remove(context.Context, string) error {
	p.made()
	return fmt.Errorf("pool: Remove from %s: %w", p.Name(), errFixed)
}
