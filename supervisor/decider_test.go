package supervisor_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

var (
	errForGood  = errors.New("do not restart")
	errTree     = errors.New("terminate the tree")
	errAgain    = errors.New("restart, whatever")
	errStrange  = errors.New("the decider panics")
	errOrdinary = errors.New("nothing special")
)

func decider(_ string, err error) supervisor.Decision {
	switch {
	case errors.Is(err, errForGood):
		return supervisor.StopChild
	case errors.Is(err, errTree):
		return supervisor.Escalate
	case errors.Is(err, errAgain):
		return supervisor.RestartChild
	case errors.Is(err, errStrange):
		panic(err)
	}
	return supervisor.ByTable
}

func TestSUPDecider(t *testing.T) {
	const up, gone, forgotten, over = "a:up", "a:exited", "", "gave up"
	for _, row := range []struct {
		r    supervisor.Restart
		err  error
		want string
	}{
		{supervisor.Permanent, errForGood, gone},
		{supervisor.Transient, errForGood, gone},
		{supervisor.Temporary, errForGood, forgotten},
		{supervisor.Permanent, errTree, over},
		{supervisor.Transient, errTree, over},
		{supervisor.Temporary, errTree, over},
		{supervisor.Permanent, errAgain, up},
		{supervisor.Transient, errAgain, up},
		{supervisor.Temporary, errAgain, up},
		{supervisor.Permanent, errStrange, up},
		{supervisor.Temporary, errStrange, forgotten},
		{supervisor.Permanent, errOrdinary, up},
		{supervisor.Temporary, errOrdinary, forgotten},
		{supervisor.Permanent, nil, up},
		{supervisor.Transient, nil, gone},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, log := newPuppet(), new(logs)
			root := supervisor.New("root", supervisor.Spec{
				Logger: slog.New(log), Decider: decider,
				Children: []supervisor.Child{{Name: "a", Service: p, Restart: row.r}},
			})
			start(t, root)
			p.exit(row.err)
			synctest.Wait()
			got := states(root)
			var gaveUp *supervisor.GaveUpError
			if errors.As(root.Err(), &gaveUp) && errors.Is(gaveUp, row.err) {
				got = over
			}
			if got != row.want {
				t.Errorf("restart type %d, %v: %q, want %q", row.r, row.err, got, row.want)
			}
			if n := log.count("supervisor: Decider panicked"); n > 0 != (row.err == errStrange) {
				t.Errorf("%d panics of the decider were logged", n)
			}
			stop(t, root)
		})
	}
}

// It is asked about failed restarts too, with the name of the child; and what it
// says of one in a group does not hold up the others.
func TestSUPDeciderOnAFailedRestart(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{
		supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne,
	} {
		for _, r := range []supervisor.Restart{supervisor.Permanent, supervisor.Temporary} {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				asked := map[string]int{}
				first := true
				root, ps := trio(t, nil, supervisor.Spec{
					Strategy: strategy,
					Decider: func(child string, err error) supervisor.Decision {
						mu.Lock()
						defer mu.Unlock()
						asked[child]++
						if first {
							first = false
							return supervisor.RestartChild
						}
						return supervisor.StopChild
					},
				}, func(i int, c *supervisor.Child) {
					if i == 1 {
						c.Restart = r
						c.AwaitReady = true
						c.Service = &selfReady{puppet: c.Service.(*puppet)}
					}
				})
				ps[1].failNext(1)
				ps[1].crash()
				want := "a:up b:exited c:up"
				if r == supervisor.Temporary {
					want = "a:up c:up"
				}
				expectStates(t, root, want)
				if asked["b"] != 2 || len(asked) != 1 {
					t.Errorf("asked about %v", asked)
				}
				stop(t, root)
			})
		}
	}
}

// Its Escalate ends a restart of all, too.
func TestSUPDeciderEscalatesAFailedRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		root, ps := trio(t, nil, supervisor.Spec{
			Strategy: supervisor.OneForAll, MaxRestarts: supervisor.Unlimited,
			Decider: func(string, error) supervisor.Decision {
				if asked++; asked == 3 {
					return supervisor.Escalate
				}
				return supervisor.ByTable
			},
		}, func(i int, c *supervisor.Child) {
			c.AwaitReady = true
			c.Service = &selfReady{puppet: c.Service.(*puppet)}
		})
		ps[1].failNext(100)
		ps[0].crash()
		synctest.Wait()
		var gaveUp *supervisor.GaveUpError
		if !errors.As(root.Err(), &gaveUp) || gaveUp.Child != "root/b" || asked != 3 {
			t.Errorf("after %d questions: %v", asked, root.Err())
		}
		stop(t, root)
	})
}

// A temporary child that it has restarted, and that does not come up, is tried
// again: the restart was ordered.
func TestSUPDeciderRestartsATemporaryChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, asked := newPuppet(), 0
		root := supervisor.New("root", supervisor.Spec{
			Logger: quiet,
			Decider: func(string, error) supervisor.Decision {
				if asked++; asked == 1 {
					return supervisor.RestartChild
				}
				return supervisor.ByTable
			},
			Children: []supervisor.Child{{
				Name: "p", Service: &selfReady{puppet: p}, Restart: supervisor.Temporary, AwaitReady: true,
			}},
		})
		start(t, root)
		p.failNext(1)
		p.crash()
		expectStates(t, root, "p:up")
		p.crash()
		expectStates(t, root, "")
		expectLives(t, []int{3}, p)
		stop(t, root)
	})
}

// A supervisor that gives up because a Decider said so names the restarts within its
// period, and not those before.
func TestSUPGaveUpCountsTheLastPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, crashes := newPuppet(), 0
		s := supervisor.New("root", supervisor.Spec{
			Logger: quiet, Children: []supervisor.Child{{Name: "a", Service: p}},
			Decider: func(string, error) supervisor.Decision {
				if crashes++; crashes == 3 {
					return supervisor.Escalate
				}
				return supervisor.ByTable
			},
		})
		served := pending(func() error { return s.Serve(context.Background()) })
		synctest.Wait()
		for range 3 {
			p.crash()
			time.Sleep(time.Hour)
		}
		var gaveUp *supervisor.GaveUpError
		if err := <-served; !errors.As(err, &gaveUp) || gaveUp.Restarts != 0 {
			t.Errorf("Serve = %v, want none within the period", err)
		}
	})
}
