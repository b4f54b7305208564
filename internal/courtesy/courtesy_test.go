package courtesy_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/where"
)

type owner struct{}

// teller is a Teller with its lock.
type teller struct {
	courtesy.Teller
	mu     sync.Mutex
	owners goid.Registry[owner]

	givenUp time.Duration // since the beginning; 0: it is not known
	reports []string      // who runs, and for how long already
}

func (x *teller) waiter() courtesy.Waiter {
	began := time.Now()
	return courtesy.Waiter{
		GivenUp: func() (time.Time, bool) {
			defer x.locked(func() {}) // it is free
			return began.Add(x.givenUp), x.givenUp != 0
		},
		StillTold: func(running where.Place, age time.Duration) {
			defer x.locked(func() {})
			x.reports = append(x.reports, fmt.Sprint(strings.TrimPrefix(where.Short(running.Frame().Function), "courtesy_test."), " ", age))
		},
	}
}

// tell returns how long it took to tell all, and what it was whose turn came.
func (x *teller) tell(all []string, f func(string)) (took time.Duration) {
	began := time.Now()
	x.mu.Lock()
	defer x.mu.Unlock()
	courtesy.Each(&x.Teller, &x.mu, &x.owners, x.waiter(), all, f)
	return time.Since(began)
}

func (x *teller) locked(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f()
}

func TestToldInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var x teller
		me := new(owner)
		defer x.owners.Leave(x.owners.Enter(me))
		var got []string
		took := x.tell([]string{"a", "ends", "b", "slow", "c"}, func(s string) {
			got = append(got, s)
			if x.owners.Current() != me {
				t.Error(s, "is told by another goroutine than the caller's")
			}
			x.locked(func() {}) // it is free meanwhile
			switch s {
			case "ends":
				runtime.Goexit()
			case "slow":
				time.Sleep(time.Minute)
			}
		})
		if want := []string{"a", "ends", "b", "slow", "c"}; !slices.Equal(got, want) || took != time.Minute || x.Rude() {
			t.Errorf("told %q in %v, and rude: %t", got, took, x.Rude())
		}
		if took := x.tell(nil, nil); took != 0 {
			t.Error(took)
		}
	})
}

// Whenever the hurry begins, what is told has a tenth of a second from then on, all of it
// together; and the next Begin forgets it.
func TestHurry(t *testing.T) {
	for _, test := range []struct {
		name  string
		hurry func(x *teller)
		want  []time.Duration // what it takes to tell three times
	}{
		{"no hurry", func(*teller) {}, []time.Duration{time.Hour, time.Hour, time.Hour}},
		{"before", func(x *teller) { x.locked(x.Hurry) }, []time.Duration{time.Second / 10, 0, 0}},
		{"meanwhile", func(x *teller) { time.AfterFunc(time.Second, func() { x.locked(x.Hurry) }) },
			[]time.Duration{time.Second * 11 / 10, 0, 0}},
		{"twice", func(x *teller) {
			time.AfterFunc(time.Second, func() { x.locked(x.Hurry) })
			time.AfterFunc(time.Second*21/20, func() { x.locked(x.Hurry) })
		}, []time.Duration{time.Second * 11 / 10, 0, 0}},
		{"bound", func(x *teller) {
			by := make(chan struct{})
			x.locked(func() { x.Bound(&courtesy.Limit{Over: by}) })
			time.AfterFunc(2*time.Second, func() { close(by) })
		}, []time.Duration{time.Second * 21 / 10, 0, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var x teller
				test.hurry(&x)
				slow := func(string) { time.Sleep(time.Hour) }
				var got []time.Duration
				for range test.want {
					got = append(got, x.tell([]string{"slow"}, slow))
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("took %v, want %v", got, test.want)
				}
				x.locked(func() {
					if rude := test.want[1] == 0; x.Rude() != rude {
						t.Errorf("rude: %t, want %t", x.Rude(), rude)
					}
					x.Begin()
				})
				if took := x.tell([]string{"slow"}, slow); took != time.Hour {
					t.Errorf("took %v after Begin", took)
				}
				time.Sleep(3 * time.Hour)
			})
		})
	}
}

// What is quick is waited for in a hurry, too, and that is not rude.
func TestHurryIsNotRude(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var x teller
		x.locked(x.Hurry)
		for range 3 {
			if took := x.tell([]string{"a"}, func(string) { time.Sleep(time.Millisecond) }); took != time.Millisecond {
				t.Error(took)
			}
		}
		if x.Rude() {
			t.Error("it is rude")
		}
	})
}
