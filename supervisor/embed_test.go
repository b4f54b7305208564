package supervisor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// office is a supervisor with something of its own around it.
type office struct {
	*supervisor.Supervisor
	opened int
	closed func() // called when the supervisor has ended
}

func newOffice(spec supervisor.Spec) *office {
	return &office{Supervisor: supervisor.New("office", spec), closed: func() {}}
}

func (o *office) Serve(ctx context.Context) error {
	o.opened++
	defer o.closed()
	return o.Supervisor.Serve(ctx)
}

// What embeds a supervisor is looked at as one, and served by its own Serve.
func TestSUPWhatEmbedsASupervisorIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clerk := actor.New(build, actor.WithLogger(quiet))
		o := newOffice(supervisor.Spec{MaxRestarts: supervisor.NoRestarts, Children: []supervisor.Child{{Name: "clerk", Service: clerk}}})
		shop := supervisor.New("shop", children(supervisor.Child{Service: o}))
		start(t, shop)
		n := shop.Snapshot().Children[0]
		if n.Name != "office" || n.Supervisor == nil || n.Service != nil || len(n.Children) != 1 || n.Children[0].Path != "shop/office/clerk" {
			t.Errorf("Snapshot = %+v", n)
		}
		if svc, err := supervisor.Lookup[*actor.Service[number]](shop, "office/clerk"); svc != clerk || err != nil {
			t.Errorf("Lookup = %v", err)
		}
		if o.Name() != "shop/office" || o.opened != 1 {
			t.Errorf("%s, opened %d times", o.Name(), o.opened)
		}
		// It gives up, is restarted, and keeps its queues.
		waits := pending(func() error {
			_ = clerk.Do(func(*number) { panic("no") })
			return clerk.Run(context.Background(), func(*number) error { return nil })
		})
		if err := <-waits; err != nil {
			t.Error(err)
		}
		if i := shop.Children()[0]; i.Restarts != 1 || o.opened != 2 {
			t.Errorf("restarts %d, opened %d times", i.Restarts, o.opened)
		}
		// It is stopped for good, which is no failure.
		stop(t, o)
		expectStates(t, shop, "office:exited")
		stop(t, shop)
	})
}

func TestSUPFaultsOfWhatEmbedsASupervisor(t *testing.T) {
	faults := func(s *supervisor.Supervisor) []string {
		var bad *supervisor.SpecError
		if err := s.Serve(t.Context()); !errors.As(err, &bad) {
			t.Fatalf("Serve = %v", err)
		}
		return bad.Faults
	}
	expect := func(s *supervisor.Supervisor, want ...string) {
		t.Helper()
		if got := faults(s); len(got) != len(want) || !slices.EqualFunc(got, want, strings.Contains) {
			t.Errorf("%q: want %q", got, want)
		}
	}
	expect(supervisor.New("shop", children(supervisor.Child{Service: newOffice(supervisor.Spec{Period: -1})})),
		"shop/office: Period is -1ns")
	o := newOffice(supervisor.Spec{})
	expect(supervisor.New("shop", children(supervisor.Child{Service: o}, supervisor.Child{Name: "other", Service: o.Supervisor})),
		"shop/other: the service stands in the tree already, as shop/office")
	bare := struct{ *supervisor.Supervisor }{}
	expect(supervisor.New("shop", children(supervisor.Child{Name: "bare", Service: bare})), "Service is nil")
	// One that is added, too.
	shop := supervisor.New("shop", children(supervisor.Child{Service: o}))
	start(t, shop)
	var bad *supervisor.SpecError
	if err := shop.Add(t.Context(), supervisor.Child{Name: "other", Service: o.Supervisor}); !errors.As(err, &bad) {
		t.Errorf("Add = %v", err)
	}
	stop(t, shop)
}

// A Serve of the user's may hang before and after the supervisor that it runs: it is cut
// off then, as any child is.
func TestSUPWhatEmbedsASupervisorIsCutOff(t *testing.T) {
	for name, row := range map[string]struct {
		below, after bool // a child does not end, its own Serve does not
		want         []string
		took         time.Duration
	}{
		"a child": {true, false, []string{"shop/office/a"}, time.Second},
		"itself":  {false, true, []string{"shop/office"}, time.Second},
		"both":    {true, true, []string{"shop/office"}, time.Second + supervisor.DefaultShutdown},
		"neither": {false, false, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, hold := newPuppet(), make(chan struct{})
				o := newOffice(supervisor.Spec{Children: []supervisor.Child{{Name: "a", Service: p, Shutdown: supervisor.Forever}}})
				free := func() {}
				if row.below {
					free = p.hang()
				}
				if row.after {
					o.closed = func() { <-hold }
				}
				shop := supervisor.New("shop", children(supervisor.Child{Service: o, Shutdown: time.Second}))
				start(t, shop)
				begun := time.Now()
				var got []string
				var stuck *supervisor.StuckError
				if err := shop.Stop(t.Context()); errors.As(err, &stuck) {
					for _, c := range stuck.Children {
						got = append(got, c.Path)
					}
				} else if err != nil {
					t.Error(err)
				}
				if took := time.Since(begun); !slices.Equal(got, row.want) || took != row.took {
					t.Errorf("cut off %q after %v: want %q after %v", got, took, row.want, row.took)
				}
				close(hold)
				free()
				synctest.Wait()
			})
		})
	}
}

// In a Stop whose context has ended its own Serve has a moment, and not a child's time. One
// that needs less is not cut off.
func TestSUPWhatEmbedsASupervisorIsCutOffInAHurry(t *testing.T) {
	for _, row := range []struct {
		needs, took time.Duration
		want        []string
	}{
		{0, time.Second, []string{"shop/office/a"}},
		{50 * time.Millisecond, 1050 * time.Millisecond, []string{"shop/office/a"}},
		{time.Hour, 1100 * time.Millisecond, []string{"shop/office"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPuppet()
			free := p.hang()
			o := newOffice(supervisor.Spec{Children: []supervisor.Child{{Name: "a", Service: p, Shutdown: supervisor.Forever}}})
			o.closed = func() { time.Sleep(row.needs) }
			shop := supervisor.New("shop", children(supervisor.Child{Service: o}))
			start(t, shop)
			begun := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var got []string
			var stuck *supervisor.StuckError
			if err := shop.Stop(ctx); !errors.As(err, &stuck) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Stop = %v", err)
			} else {
				for _, c := range stuck.Children {
					got = append(got, c.Path)
				}
			}
			if took := time.Since(begun); !slices.Equal(got, row.want) || took != row.took {
				t.Errorf("%v: cut off %q after %v: want %q after %v", row.needs, got, took, row.want, row.took)
			}
			free()
			time.Sleep(row.needs)
			synctest.Wait()
		})
	}
}

// The panic of its own Serve is in the snapshot; that of a child is the child's.
func TestSnapshotOfWhatEmbedsASupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(supervisor.Spec{})
		o.closed = func() { panic("locked out") }
		shop := supervisor.New("shop", children(supervisor.Child{Service: o, Restart: supervisor.Transient, Backoff: &supervisor.Backoff{Min: time.Hour}}))
		start(t, shop)
		stop(t, o)
		synctest.Wait()
		n := shop.Snapshot().Children[0]
		if n.Crash == nil || n.Crash.Err.Value != "locked out" || n.Supervisor == nil {
			t.Errorf("%+v", n)
		}
		stop(t, shop)
	})
}
