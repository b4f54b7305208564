package remote_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// load calls again and again, each time with another id, and keeps what has become of it.
type load struct {
	client bank.AccountClient
	prefix string
	told   func(id string, what actor.Outcome)
	limit  time.Duration // of a call

	ending  chan struct{}
	callers sync.WaitGroup

	mu       sync.Mutex
	outcomes map[string]actor.Outcome // by id
	count    [4]int                   // by outcome
}

func newLoad(n *remote.Node, prefix string, told func(string, actor.Outcome)) *load {
	return &load{
		client: bank.NewAccountClient(n, "bank.ada"), prefix: prefix, told: told, limit: 250 * time.Millisecond,
		ending: make(chan struct{}), outcomes: map[string]actor.Outcome{},
	}
}

// start has so many goroutines call.
func (l *load) start(callers int) {
	for c := range callers {
		l.callers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-l.ending:
					return
				default:
					l.call(fmt.Sprintf("%s %d %d", l.prefix, c, i))
				}
			}
		})
	}
}

func (l *load) call(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), l.limit)
	defer cancel()
	_, err := l.client.Deposit(ctx, id, 1)
	what := actor.OutcomeOf(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if what == actor.Ran && err != nil {
		what = actor.Crashed // no such error can come
	}
	l.outcomes[id] = what
	l.count[what]++
	if l.told != nil {
		l.told(id, what)
	}
}

// stop ends the calls and waits for them.
func (l *load) stop() {
	close(l.ending)
	l.callers.Wait()
}

func (l *load) of(what actor.Outcome) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count[what]
}

// goesOn waits until calls have run, from now on.
func (l *load) goesOn(t *testing.T, calls int) {
	t.Helper()
	before := l.of(actor.Ran)
	eventually(t, "calls run", func() bool { return l.of(actor.Ran) >= before+calls })
}

// oracle checks what callers were told against what has run: nothing twice, what is NotRun
// not, and what Ran has run.
func oracle(t *testing.T, told map[string]actor.Outcome, ran []string) {
	t.Helper()
	times := map[string]int{}
	for _, id := range ran {
		if times[id]++; times[id] == 2 {
			t.Errorf("%s has run twice", id)
		}
	}
	var count [4]int
	for id, what := range told {
		count[what]++
		switch {
		case what == actor.NotRun && times[id] > 0:
			t.Errorf("%s is NotRun and has run", id)
		case what == actor.Ran && times[id] == 0:
			t.Errorf("%s is Ran and has not run", id)
		case what == actor.Crashed:
			t.Errorf("%s has crashed", id)
		}
	}
	t.Logf("ran %d, not run %d, unknown %d", count[actor.Ran], count[actor.NotRun], count[actor.Unknown])
}
