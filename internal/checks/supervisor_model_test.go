package checks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// How a child ends, and what the Decider makes of it.
var (
	errFailure  = errors.New("failure")
	errStop     = errors.New("stop")     // StopChild
	errEscalate = errors.New("escalate") // Escalate
	errInsist   = errors.New("insist")   // RestartChild
)

func decider(_ string, err error) supervisor.Decision {
	switch {
	case errors.Is(err, errStop):
		return supervisor.StopChild
	case errors.Is(err, errEscalate):
		return supervisor.Escalate
	case errors.Is(err, errInsist):
		return supervisor.RestartChild
	}
	return supervisor.ByTable
}

// kid is a child in the model.
type kid struct {
	spec     supervisor.Child
	state    supervisor.ChildState
	fails    []error // of the next starts
	lives    int
	restarts int
	tries    int
	upSince  time.Duration // -1: it is not up
	due      time.Duration // when its delay is over; -1: it has none
}

// tree is what a supervisor of one level is to be, in the plainest form: what
// happens takes no time and nothing happens at once. It does not know of messages,
// goroutines and timers.
type tree struct {
	spec  supervisor.Spec
	now   time.Duration
	kids  []*kid
	spent []time.Duration
	over  string // "", "gave up" or "shut down"
}

func newTree(spec supervisor.Spec) *tree {
	m := &tree{spec: spec}
	for _, c := range spec.Children {
		k := m.append(c)
		k.lives, k.state, k.upSince = 1, supervisor.Up, 0
	}
	return m
}

func (m *tree) append(c supervisor.Child) *kid {
	k := &kid{spec: c, upSince: -1, due: -1}
	m.kids = append(m.kids, k)
	return k
}

func (m *tree) find(name string) *kid {
	for _, k := range m.kids {
		if k.spec.Name == name {
			return k
		}
	}
	return nil
}

func (m *tree) remove(k *kid) {
	m.kids = slices.DeleteFunc(m.kids, func(x *kid) bool { return x == k })
}

// String is what can be compared with the Children of a supervisor.
func (m *tree) String() string {
	var b strings.Builder
	for _, k := range m.kids {
		fmt.Fprintf(&b, "%s:%v(%d lives, %d restarts) ", k.spec.Name, k.state, k.lives, k.restarts)
	}
	return b.String()
}

// spend takes a restart out of the budget, or ends the tree.
func (m *tree) spend() bool {
	limit := m.spec.MaxRestarts
	switch limit {
	case supervisor.Unlimited:
		return true
	case supervisor.NoRestarts:
		limit = 0
	}
	m.spent = slices.DeleteFunc(m.spent, func(t time.Duration) bool { return m.now-t > m.spec.Period })
	if len(m.spent) == limit {
		m.over = "gave up"
		return false
	}
	m.spent = append(m.spent, m.now)
	return true
}

// with returns k and those that are restarted with it, in order.
func (m *tree) with(k *kid) []*kid {
	i := slices.Index(m.kids, k)
	switch m.spec.Strategy {
	case supervisor.OneForAll:
		return slices.Clone(m.kids)
	case supervisor.RestForOne:
		return slices.Clone(m.kids[i:])
	}
	return []*kid{k}
}

// exit: k, which was up or had been launched again, has ended with err.
func (m *tree) exit(k *kid, err error, wasUp bool) {
	m.down(k)
	var again bool
	switch decision := decider("", err); {
	case decision == supervisor.Escalate:
		m.over = "gave up"
		return
	case decision == supervisor.StopChild:
	case decision == supervisor.RestartChild:
		again = true
	case k.spec.Restart == supervisor.Transient:
		again = err != nil
	case k.spec.Restart == supervisor.Temporary:
		again = !wasUp // a restart that a Decider has ordered
	default:
		again = true
	}
	if again {
		m.restartLater(k, wasUp)
	} else {
		m.leave(k, !wasUp)
	}
}

// down: k, which was up, is not any more.
func (m *tree) down(k *kid) {
	if b := k.spec.Backoff; b != nil && k.upSince >= 0 && m.now-k.upSince >= b.Max {
		k.tries = 0
	}
	k.upSince = -1
}

// leave: k is not restarted.
func (m *tree) leave(k *kid, failedRestart bool) {
	group := m.with(k)
	k.state, k.due = supervisor.Gone, -1
	if k.spec.Restart == supervisor.Temporary {
		m.remove(k)
	}
	left := 0
	for _, x := range m.kids {
		if x.spec.Significant && x.state != supervisor.Gone && x.state != supervisor.Terminated {
			left++
		}
	}
	auto := m.spec.AutoShutdown
	if k.spec.Significant && (auto == supervisor.AnySignificant || auto == supervisor.AllSignificant && left == 0) {
		m.over = "shut down"
	} else if failedRestart {
		m.freed(group)
	}
}

// freed: those of the group that waited for a child to come back need not wait for
// it any more, and come back, unless they wait for another.
func (m *tree) freed(group []*kid) {
	for _, x := range group {
		if x.state == supervisor.Waiting && slices.Contains(m.kids, x) && !m.waitsForAnother(x) {
			m.launch(x)
			return
		}
	}
}

func (m *tree) waitsForAnother(x *kid) bool {
	for _, y := range m.kids {
		if y.state == supervisor.Waiting && y.due >= 0 && slices.Contains(m.with(y), x) {
			return true
		}
	}
	return false
}

// restartLater: k is restarted, and those with it, now or after its delay.
func (m *tree) restartLater(k *kid, wasUp bool) {
	if !m.spend() {
		return
	}
	k.restarts++
	k.state = supervisor.Waiting
	if wasUp || m.spec.Strategy != supervisor.RestForOne {
		for _, x := range m.with(k) {
			switch {
			case x == k:
			case x.state == supervisor.Waiting:
				x.due = -1
			case x.state == supervisor.Up && x.spec.Restart == supervisor.Temporary:
				m.remove(x)
			case x.state == supervisor.Up:
				m.down(x)
				x.state = supervisor.Waiting
			}
		}
	}
	k.due = -1
	if b := k.spec.Backoff; b != nil {
		k.due = m.now + min(b.Min<<k.tries, b.Max)
		k.tries++
		return
	}
	m.launch(k)
}

// launch starts k, and those that wait with it. The first that fails ends that.
func (m *tree) launch(k *kid) {
	for _, x := range m.with(k) {
		if x.state != supervisor.Waiting {
			continue
		}
		x.due = -1
		if err := m.start(x); err != nil {
			m.exit(x, err, false)
			return
		}
	}
}

func (m *tree) start(k *kid) error {
	k.lives++
	if len(k.fails) > 0 {
		err := k.fails[0]
		k.fails = k.fails[1:]
		return err
	}
	k.state, k.upSince = supervisor.Up, m.now
	return nil
}

// advance lets time pass.
func (m *tree) advance(d time.Duration) {
	end := m.now + d
	for m.over == "" {
		var next *kid
		for _, k := range m.kids {
			if k.due >= 0 && k.due <= end && (next == nil || k.due < next.due) {
				next = k
			}
		}
		if next == nil {
			break
		}
		m.now = next.due
		m.launch(next)
	}
	m.now = end
}

// The requests. Each returns the error that is to come.

func (m *tree) add(c supervisor.Child, fails []error) error {
	if m.find(c.Name) != nil {
		return supervisor.ErrExists
	}
	k := m.append(c)
	k.fails = fails
	err := m.start(k)
	if err != nil {
		m.remove(k)
	}
	return err
}

func (m *tree) terminate(name string) error {
	k := m.find(name)
	if k == nil {
		return supervisor.ErrUnknown
	}
	waited, group := k.state == supervisor.Waiting, m.with(k)
	m.down(k)
	k.state, k.due = supervisor.Terminated, -1
	if k.spec.Restart == supervisor.Temporary {
		m.remove(k)
	}
	if waited {
		m.freed(group)
	}
	return nil
}

func (m *tree) restart(name string) error {
	k := m.find(name)
	switch {
	case k == nil:
		return supervisor.ErrUnknown
	case k.state == supervisor.Up || k.state == supervisor.Waiting:
		return supervisor.ErrRunning
	}
	err := m.start(k)
	if err != nil {
		k.state = supervisor.Gone
	}
	return err
}

func (m *tree) forget(name string) error {
	k := m.find(name)
	switch {
	case k == nil:
		return supervisor.ErrUnknown
	case k.state == supervisor.Up || k.state == supervisor.Waiting:
		return supervisor.ErrRunning
	}
	m.remove(k)
	return nil
}
