package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// crowd is a supervisor of children of one kind.
func crowd(template supervisor.Child) *supervisor.Supervisor {
	return supervisor.New("crowd", supervisor.Spec{Logger: quiet, Template: &template, MaxRestarts: supervisor.Unlimited})
}

func add(t testing.TB, s *supervisor.Supervisor, c supervisor.Child) {
	t.Helper()
	if err := s.Add(context.Background(), c); err != nil {
		t.Fatalf("Add = %v", err)
	}
}

// What a child leaves open is the template's; what it says counts.
func TestSUPTemplateFillsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		s := supervisor.New("crowd", logged(&j, supervisor.Spec{Template: &supervisor.Child{
			Restart: supervisor.Transient, Shutdown: time.Second, StartTimeout: time.Second,
			AwaitReady: true, Backoff: &supervisor.Backoff{Min: time.Minute},
		}}))
		start(t, s)
		fail := pending(func() error { return s.Add(t.Context(), supervisor.Child{Name: "late", Service: newPuppet()}) })
		time.Sleep(time.Second)
		if err := <-fail; err == nil {
			t.Error("the template's StartTimeout does not hold")
		}
		p, q := newPuppet(), newPuppet()
		for name, x := range map[string]*puppet{"p": p, "q": q} {
			c := supervisor.Child{Name: name, Service: x}
			if x == q {
				c.Backoff, c.Restart = &supervisor.Backoff{Min: time.Hour}, supervisor.Temporary
			}
			added := pending(func() error { return s.Add(t.Context(), c) })
			synctest.Wait()
			x.ready()
			if err := <-added; err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		j.take()
		p.crash()
		q.crash()
		synctest.Wait()
		if got := states(s); got != "p:waiting" {
			t.Errorf("states %s", got)
		}
		free := newPuppet()
		added := pending(func() error {
			return s.Add(t.Context(), supervisor.Child{Name: "slow", Service: free})
		})
		synctest.Wait()
		free.ready()
		<-added
		unhang := free.hang()
		begin := time.Now()
		var stuck *supervisor.StuckError
		if err := s.Stop(context.Background()); time.Since(begin) != time.Second || !asStuck(err, &stuck) {
			t.Errorf("Stop = %v after %v", err, time.Since(begin))
		}
		unhang()
	})
}

func asStuck(err error, to **supervisor.StuckError) bool {
	stuck, ok := err.(*supervisor.StuckError)
	*to = stuck
	return ok
}

// Children without a name get their service's with a number, which is not used
// again.
func TestSUPTemplateNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowd(supervisor.Child{Restart: supervisor.Temporary})
		start(t, s)
		for range 3 {
			add(t, s, supervisor.Child{Service: service("svc")})
		}
		if err := s.Terminate(t.Context(), "svc-2"); err != nil {
			t.Error(err)
		}
		add(t, s, supervisor.Child{Service: service("svc")})
		expectStates(t, s, "svc-1:up svc-3:up svc-4:up")
		stop(t, s)
	})
}

// The children are stopped all at once: together they take as long as the slowest.
func TestSUPTemplateStopsInParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowd(supervisor.Child{Shutdown: time.Minute})
		start(t, s)
		for i := range 100 {
			p := newPuppet()
			p.slow = time.Duration(i%10) * time.Second
			add(t, s, supervisor.Child{Name: fmt.Sprint(i), Service: p})
		}
		begin := time.Now()
		stop(t, s)
		if took := time.Since(begin); took != 9*time.Second {
			t.Errorf("100 children took %v", took)
		}
	})
}

// One that crashes is restarted alone.
func TestSUPTemplateRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowd(supervisor.Child{})
		start(t, s)
		var all []*puppet
		for i := range 50 {
			all = append(all, newPuppet())
			add(t, s, supervisor.Child{Name: fmt.Sprint(i), Service: all[i]})
		}
		all[7].crash()
		synctest.Wait()
		for i, p := range all {
			want := 1
			if i == 7 {
				want = 2
			}
			expectLives(t, []int{want}, p)
		}
		stop(t, s)
	})
}

// Transient children of a template are forgotten when they have ended normally, or for good: those
// that end at once, later, and after a restart by name. One that is terminated stays listed.
func TestSUPTemplateForgetsTheEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := crowd(supervisor.Child{Restart: supervisor.Transient})
		start(t, s)
		var ps []*puppet
		for _, name := range []string{"ends", "fails", "terminated", "stays"} {
			ps = append(ps, newPuppet())
			add(t, s, supervisor.Child{Name: name, Service: ps[len(ps)-1]})
		}
		add(t, s, supervisor.Child{Name: "brief", Service: supervisor.Func(
			func(context.Context) error { return nil })})
		ps[0].exit(nil)
		ps[1].crash()
		if err := s.Terminate(t.Context(), "terminated"); err != nil {
			t.Error(err)
		}
		expectStates(t, s, "fails:up terminated:terminated stays:up")
		expectLives(t, []int{1, 2, 1, 1}, ps...)

		if err := s.Restart(t.Context(), "terminated"); err != nil {
			t.Error(err)
		}
		ps[2].exit(nil)
		expectStates(t, s, "fails:up stays:up")
		if err := s.Restart(t.Context(), "ends"); !errors.Is(err, supervisor.ErrUnknown) {
			t.Errorf("Restart of one that is forgotten: %v", err)
		}
		add(t, s, supervisor.Child{Name: "ends", Service: ps[0]}) // it stands nowhere any more
		expectStates(t, s, "fails:up stays:up ends:up")

		// What has ended for good could not be restarted by name, either.
		killed, stopped, itself := service("killed"), service("stopped"), service("itself")
		for _, svc := range []*actor.Service[number]{killed, stopped, itself} {
			add(t, s, supervisor.Child{Service: svc})
		}
		killed.Kill()
		stop(t, stopped)
		_ = itself.Do(func(*number) { _ = itself.Stop(context.Background()) })
		expectStates(t, s, "fails:up stays:up ends:up")
		stop(t, s)
	})
}

// counted counts, for each of many children, what it is asked: more questions for a
// child among many than for one among few would be work that grows faster than
// their number. What the supervisor asks of a service is its name, whether it
// signals, and to be served, cut off and abandoned.
type counted struct {
	pause
	asks *asks
}

type asks struct {
	mu sync.Mutex
	n  int
}

func (a *asks) add() { a.mu.Lock(); a.n++; a.mu.Unlock() }

func (c *counted) Name() string       { c.asks.add(); return "c" }
func (c *counted) SignalsReady() bool { c.asks.add(); return false }
func (c *counted) Abandon()           { c.asks.add() }

// cost starts and stops n children and returns what was asked of them, and the
// bytes that were allocated. Each is per child.
func cost(t *testing.T, n int) (asked, bytes float64) {
	t.Helper()
	a := new(asks)
	all := make([]counted, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := crowd(supervisor.Child{Restart: supervisor.Temporary})
	start(t, s)
	for i := range all {
		all[i].asks = a
		add(t, s, supervisor.Child{Service: &all[i]})
	}
	for i := 0; i < n; i += 4 { // some end before the others
		if err := s.Terminate(context.Background(), fmt.Sprint("c-", i+1)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := len(s.Children()), n-(n+3)/4; got != want {
		t.Errorf("%d children, want %d", got, want)
	}
	stop(t, s)
	synctest.Wait() // a child is not waited for until it has returned from Abandon
	runtime.ReadMemStats(&after)
	return float64(a.n) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

// The work is linear in the number of children: per child, ten times as many
// ask no more and allocate hardly more.
func TestSUPDynamicChildrenAreLinear(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1000
	}
	var askedFew, few, askedMany, many float64
	synctest.Test(t, func(t *testing.T) {
		cost(t, n/10)
		askedFew, few = cost(t, n/10)
		askedMany, many = cost(t, n)
	})
	t.Logf("per child of %d: %.2f questions, %.0f B; of %d: %.2f, %.0f B", n/10, askedFew, few, n, askedMany, many)
	if askedMany > askedFew {
		t.Errorf("%.2f questions per child of %d, %.2f per child of %d", askedFew, n/10, askedMany, n)
	}
	if many > 1.5*few {
		t.Errorf("%.0f B per child of %d, %.0f per child of %d", few, n/10, many, n)
	}
}

// A hundred thousand services, each with a call, are started and stopped.
func TestSUPManyDynamicServices(t *testing.T) {
	n := 100_000
	if raceEnabled || testing.Short() {
		n = 5000
	}
	s := crowd(supervisor.Child{Restart: supervisor.Temporary})
	start(t, s)
	ctx := context.Background()
	all := make([]*actor.Service[number], n)
	for i := range all {
		all[i] = service("svc")
		add(t, s, supervisor.Child{Service: all[i]})
	}
	for _, svc := range all {
		if got, err := actor.Get(ctx, svc, (*number).next); got != 1 || err != nil {
			t.Fatalf("Get = %d, %v", got, err)
		}
	}
	if got := len(s.Children()); got != n {
		t.Errorf("%d children, want %d", got, n)
	}
	stop(t, s)
	for _, svc := range all {
		if i := svc.Info(); i.State != actor.Down || !strings.HasPrefix(i.Name, "crowd/svc-") {
			t.Fatalf("%+v", i)
		}
	}
}

// BenchmarkDynamic starts and stops that many children; the time per child is to be
// the same for all numbers.
func BenchmarkDynamic(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				s := crowd(supervisor.Child{Restart: supervisor.Temporary})
				start(b, s)
				for range n {
					add(b, s, supervisor.Child{Service: service("svc")})
				}
				stop(b, s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/child")
		})
	}
}
