package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// list is a service to which clients append.
type list struct{ words []string }

func (l *list) add(word string) { l.words = append(l.words, word) }

// outcomes returns how many different states a seed leads to in so many runs.
func outcomes(t *testing.T, f func(s *Sim, svc *actor.Service[list]), runs int) int {
	t.Helper()
	seen := map[string]bool{}
	s := quickly(t, func(s *Sim) {
		svc := newService("list", func() *list { return &list{} })
		tree(s, supervisor.Child{Service: svc})
		f(s, svc)
		s.Finally("look", func() error {
			l, _ := State(svc)
			seen[strings.Join(l.words, " ")] = true
			return nil
		})
	}, 1)
	sd := seed{"random", 20, 5}
	for range runs {
		if r := s.once(sd, explore(sd), nil, false); r.failure != nil {
			t.Fatal(r.failure.text)
		}
	}
	return len(seen)
}

// What is controlled has one outcome for one seed: the rows of the table in
// docs/simulation.rst.
func TestL16Controlled(t *testing.T) {
	say := func(svc *actor.Service[list], word string) {
		_ = svc.Do(func(l *list) { l.add(word) })
	}
	rows := map[string]func(*Sim, *actor.Service[list]){
		"clients": func(s *Sim, svc *actor.Service[list]) {
			for i := range 3 {
				s.Go(fmt.Sprint("client", i), func(context.Context) { say(svc, fmt.Sprint(i)); say(svc, fmt.Sprint(i)) })
			}
		},
		"clients that sleep": func(s *Sim, svc *actor.Service[list]) {
			for i := range 3 {
				s.Go(fmt.Sprint("client", i), func(context.Context) { s.Sleep(time.Second); say(svc, fmt.Sprint(i)) })
			}
		},
		"one goroutine beside": func(s *Sim, svc *actor.Service[list]) {
			go say(svc, "a")
			say(svc, "b")
		},
		"three goroutines that cast": func(s *Sim, svc *actor.Service[list]) {
			var all sync.WaitGroup
			for i := range 3 {
				all.Go(func() { say(svc, fmt.Sprint(i)); say(svc, fmt.Sprint(i)) })
			}
			s.Block(all.Wait)
		},
		"three goroutines that call": func(s *Sim, svc *actor.Service[list]) {
			var all sync.WaitGroup
			for i := range 3 {
				all.Go(func() {
					for range 2 {
						_ = actor.Wait(context.Background(), svc, func(l *list) { l.add(fmt.Sprint(i)) })
					}
				})
			}
			s.Block(all.Wait)
		},
		"goroutines that wake at one instant": func(s *Sim, svc *actor.Service[list]) {
			var all sync.WaitGroup
			for i := range 3 {
				all.Go(func() { time.Sleep(time.Second); say(svc, fmt.Sprint(i)) })
			}
			s.Block(all.Wait)
		},
		"goroutines of a closure": func(s *Sim, svc *actor.Service[list]) {
			other := newService("other", func() *list { return &list{} })
			tree(s, supervisor.Child{Service: other})
			_ = other.RunContext(s.Context(), func(ctx context.Context, _ *list) error {
				var all sync.WaitGroup
				for i := range 3 {
					all.Go(func() { _ = actor.Wait(ctx, svc, func(l *list) { l.add(fmt.Sprint(i)) }) })
				}
				s.Block(all.Wait)
				return nil
			})
		},
		"made by Start": func(s *Sim, svc *actor.Service[list]) {
			for i := range 3 {
				actor.Start(&list{}, actor.WithLogger(quiet)).Do(func(*list) { say(svc, fmt.Sprint(i)) })
			}
		},
		"work of a service": func(s *Sim, svc *actor.Service[list]) {
			other := newService("other", func() *list { return &list{} }, actor.WithPipeLimit(3))
			tree(s, supervisor.Child{Service: other})
			for i := range 3 {
				word := fmt.Sprint(i)
				_ = actor.Pipe(other, func(context.Context) (int, error) { say(svc, word); return i, nil }, func(*list, int, error) { say(svc, "then "+word) })
			}
		},
		"random numbers of Rand": func(s *Sim, svc *actor.Service[list]) {
			say(svc, fmt.Sprint(s.Rand("dice").IntN(1000)))
		},
	}
	for name, f := range rows {
		t.Run(name, func(t *testing.T) {
			if n := outcomes(t, f, 20); n != 1 {
				t.Errorf("%d outcomes", n)
			}
		})
	}
}

// What is not controlled is found by Check, at the step.
func TestL16NotControlled(t *testing.T) {
	rows := map[string]func() string{
		"the order of a map": func() string {
			for key := range map[string]bool{"a": true, "b": true, "c": true, "d": true, "e": true, "f": true} {
				return key
			}
			return ""
		},
		"random numbers that are not of Rand": func() string { return fmt.Sprint(rand.Uint64()) },
		"a select with several ready cases": func() string {
			a, b := make(chan bool, 1), make(chan bool, 1)
			var word strings.Builder
			for range 8 {
				a <- true
				b <- true
				select {
				case <-a:
					word.WriteByte('a')
					<-b
				case <-b:
					word.WriteByte('b')
					<-a
				}
			}
			return word.String()
		},
	}
	for name, word := range rows {
		t.Run(name, func(t *testing.T) {
			s := quickly(t, func(s *Sim) {
				svc := newService("list", func() *list { return &list{} })
				tree(s, supervisor.Child{Service: svc})
				_ = actor.Wait(s.Context(), svc, func(l *list) { l.add(word()) })
			}, 1, Check(), Runs(20))
			var said string
			s.errorf = func(format string, args ...any) { said += fmt.Sprintf(format, args...) }
			s.explores()
			if !strings.Contains(said, "something is not controlled") || !strings.Contains(said, "{words:[") {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// A test that waits for what never comes is stuck, and told who waits where.
func TestStuck(t *testing.T) {
	s := quickly(t, func(s *Sim) {
		s.Go("waiter", func(ctx context.Context) {
			<-ctx.Done() // so that nothing is left behind
		})
	}, 1)
	_, _, r := s.search(1)
	if r == nil || r.failure.kind != "stuck" || !strings.Contains(r.failure.text, "limits_test.go") {
		t.Fatalf("%+v", r)
	}
}

// What never ends is a failure.
func TestTooManySteps(t *testing.T) {
	s := quickly(t, func(s *Sim) {
		svc := newService("list", func() *list { return &list{} })
		tree(s, supervisor.Child{Service: svc})
		var again func(l *list)
		again = func(*list) { _ = svc.Do(again) }
		_ = svc.Do(again)
	}, 1, MaxSteps(500))
	if _, _, r := s.search(1); r == nil || r.failure.kind != "too many steps" {
		t.Fatalf("%+v", r)
	}
}

// A crash is a failure, unless it was injected or is allowed.
func TestCrashIsAFailure(t *testing.T) {
	crash := func(s *Sim) {
		svc := newService("list", func() *list { return &list{} })
		tree(s, supervisor.Child{Service: svc})
		_ = actor.Wait(s.Context(), svc, func(*list) { panic("out of paper") })
	}
	if _, _, r := quickly(t, crash, 1).search(1); r == nil || r.failure.kind != "crash" || !strings.Contains(r.failure.text, "out of paper") {
		t.Errorf("%+v", r)
	}
	if _, _, r := quickly(t, crash, 1, AllowCrashes()).search(3); r != nil {
		t.Errorf("%+v", r.failure)
	}
}

// Each kind of fault happens, and only to what is meant.
func TestFaultsHappen(t *testing.T) {
	struck := map[faultKind]int{}
	f := func(s *Sim) {
		shop(s)
		s.Faults(Faults{Crash: .05, Build: .2, Slow: .05, Full: .2, Hold: .05, Cancel: .05, Max: 5})
	}
	s := quickly(t, f, 3, AllowCrashes())
	for i := range 120 {
		sd := seed{"random", 40, mix(uint64(i))}
		r := s.once(sd, explore(sd), nil, false)
		for _, f := range r.struck {
			struck[f.kind]++
			if strings.HasPrefix(f.at, "test") || strings.HasPrefix(f.at, "customer") && f.kind != cancel && f.kind != hold {
				t.Errorf("%v", f)
			}
		}
	}
	for _, kind := range faultKinds {
		if struck[kind] == 0 {
			t.Errorf("%s never happened", kind)
		}
	}
}

// Clients may complain by all the methods of testing.TB that do.
func TestComplaints(t *testing.T) {
	for name, complain := range map[string]func(*Sim){
		"Error": func(s *Sim) { s.Error("no") }, "Errorf": func(s *Sim) { s.Errorf("%s", "no") },
		"Fatal": func(s *Sim) { s.Fatal("no") }, "Fatalf": func(s *Sim) { s.Fatalf("no") },
		"Fail": func(s *Sim) { s.Fail() }, "FailNow": func(s *Sim) { s.FailNow() },
	} {
		after := false
		_, _, r := quickly(t, func(s *Sim) {
			complain(s)
			after = true
		}, 1).search(1)
		if r == nil || r.failure.kind != "error" || !strings.Contains(r.failure.text, "limits_test.go") {
			t.Errorf("%s: %+v", name, r)
		}
		if ends := strings.HasPrefix(name, "Fatal") || name == "FailNow"; after == ends {
			t.Errorf("%s: the client goes on: %v", name, after)
		}
	}
}

// Checks are called, and what they find is told with their name.
func TestChecks(t *testing.T) {
	bad := errors.New("bad")
	rows := map[string]func(s *Sim){
		"invariant":  func(s *Sim) { s.Always("it", func() error { return bad }) },
		"at rest":    func(s *Sim) { s.AtRest("it", func() error { return bad }) },
		"finally":    func(s *Sim) { s.Finally("it", func() error { panic(bad) }) },
		"eventually": func(s *Sim) { s.Eventually("it", time.Minute, func() bool { return false }) },
	}
	for kind, f := range rows {
		if _, _, r := quickly(t, f, 1).search(1); r == nil || r.failure.kind != kind || r.failure.name != "it" {
			t.Errorf("%s: %+v", kind, r)
		}
	}
	looks := 0
	_, _, r := quickly(t, func(s *Sim) {
		svc := newService("list", func() *list { return &list{} })
		tree(s, supervisor.Child{Service: svc})
		s.AtRest("it is looked at while a client sleeps, and not while there is something to do", func() error {
			if looks++; svc.Info().Queued > 0 {
				return bad
			}
			return nil
		})
		for range 3 {
			_ = svc.Do(func(l *list) { l.add("a") })
			s.Sleep(time.Second)
		}
	}, 1).search(1)
	if r != nil || looks < 4 {
		t.Errorf("%d looks, %+v", looks, r)
	}
	s := quickly(t, func(s *Sim) {
		s.Sometimes("one", s.run.seed.number%2 == 0)
		s.Sometimes("other", false)
		begun := time.Now()
		s.Eventually("later", time.Minute, func() bool { return time.Since(begun) >= 0 })
	}, 1, Runs(20))
	var said []string
	s.errorf = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	s.explores()
	if sort.Strings(said); len(said) != 1 || !strings.Contains(said[0], `"other"`) {
		t.Errorf("%q", said)
	}
}

// A run that takes no step between two looks hangs; one that does, or no run, does not.
func TestWatchdogLooks(t *testing.T) {
	var w watchdog
	k := newKernel(&run{}, nil)
	for i, row := range []struct {
		do    func()
		hangs bool
	}{
		{func() {}, false},
		{func() { w.at(k) }, false},
		{func() { k.beats.Add(1) }, false},
		{func() { k.beats.Add(1) }, false},
		{func() {}, true},
		{func() { k.beats.Add(1) }, false},
		{func() { w.at(nil) }, false},
	} {
		if row.do(); (w.hangs() != nil) != row.hangs {
			t.Errorf("look %d: it hangs: %v", i, !row.hangs)
		}
	}
}

// A dump with a lock that is waited for names who waits.
func TestHangNamesTheLock(t *testing.T) {
	dump := "goroutine 1 [running, synctest bubble 1]:\nmain.f()\n\ngoroutine 7 [sync.Mutex.Lock, 1 minutes, synctest bubble 1]:\nshop.(*Till).Put()\n"
	if text := hang(dump); !strings.Contains(text, "a lock is held across a step") || !strings.Contains(text, "shop.(*Till).Put") {
		t.Errorf("%q", text)
	}
}
