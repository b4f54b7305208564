package supervisor

import (
	"sort"
	"time"
)

// budget is the number of restarts that a supervisor puts up with: limit within period, over
// a sliding window. As in OTP, a restart exactly one period ago still counts.
type budget struct {
	limit  int // negative: any number
	period time.Duration
	spent  []time.Time // the latest restarts, oldest first, at most limit
}

func newBudget(s *Spec) budget {
	b := budget{limit: s.MaxRestarts, period: s.Period}
	switch s.MaxRestarts {
	case 0:
		b.limit = DefaultMaxRestarts
	case NoRestarts:
		b.limit = 0
	case Unlimited:
		b.limit = -1
	}
	if b.period == 0 {
		b.period = DefaultPeriod
	}
	return b
}

// spend takes one restart out of the budget, and reports false if none was left.
func (b *budget) spend(now time.Time) bool {
	if !b.left(now) {
		return false
	}
	if b.limit >= 0 {
		b.spent = append(b.spent, now)
	}
	return true
}

// left reports whether spend would take a restart.
func (b *budget) left(now time.Time) bool {
	if b.limit < 0 {
		return true
	}
	b.forget(now)
	return len(b.spent) < b.limit
}

func (b *budget) forget(now time.Time) { b.spent = b.spent[b.expired(now):] }

// expired returns how many of the restarts in spent are more than a period ago. It searches,
// since a limit may be large, and Snapshot looks under the supervisor's lock.
func (b *budget) expired(now time.Time) int {
	return sort.Search(len(b.spent), func(i int) bool { return now.Sub(b.spent[i]) <= b.period })
}

// used returns how many restarts were taken within the last period.
func (b *budget) used(now time.Time) int {
	return len(b.spent) - b.expired(now)
}

// spend takes one restart out of the budget, which Snapshot reads.
func (s *Supervisor) spend() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.budget.spend(s.now)
}

// affords reports whether spend would take a restart.
func (s *Supervisor) affords() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.budget.left(s.now)
}
