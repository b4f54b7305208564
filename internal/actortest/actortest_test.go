package actortest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noted is a test that fails without any consequence.
type noted struct {
	testing.TB
	said string
}

func (n *noted) Helper()                      {}
func (n *noted) Errorf(f string, args ...any) { n.said += fmt.Sprintf(f, args...) }

// What demands something makes a test fail if it is not so, and only then.
func TestWhatIsDemanded(t *testing.T) {
	ended := actor.Start(&actortest.Plain{}, actortest.Quiet())
	ended.Kill()
	<-ended.Done()
	well := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, well)
	refused := ended.Run(context.Background(), actortest.Nothing)
	var d actortest.Diary
	d.Add("%d", 1)
	for what, row := range map[string]struct{ good, bad func(t testing.TB) }{
		"Do": {
			func(t testing.TB) { actortest.Do(t, well, func(*actortest.Plain) {}) },
			func(t testing.TB) { actortest.Do(t, ended, func(*actortest.Plain) {}) },
		},
		"Stop": {
			func(t testing.TB) { actortest.Stop(t, ended) },
			func(t testing.TB) { actortest.Stop(t, unstoppable{}) },
		},
		"Balanced": {
			func(t testing.TB) {
				actortest.Balanced(t, actor.Info{Accepted: 5, Executed: 1, Dead: 1, Skipped: 1, Queued: 1, Running: 1})
			},
			func(t testing.TB) { actortest.Balanced(t, actor.Info{Accepted: 5, Executed: 4}) },
		},
		"InState": {
			func(t testing.TB) { actortest.InState(t, ended, actor.Ended) },
			func(t testing.TB) { actortest.InState(t, ended, actor.Down) },
		},
		"Within, the error": {
			func(t testing.TB) { actortest.Within(t, "it", refused, actor.ErrStopped, actor.NotRun) },
			func(t testing.TB) { actortest.Within(t, "it", refused, actor.ErrRestarted, actor.NotRun) },
		},
		"Within, the outcome": {
			func(t testing.TB) { actortest.Within(t, "it", refused, actor.ErrNotRun, actor.NotRun) },
			func(t testing.TB) { actortest.Within(t, "it", refused, actor.ErrStopped, actor.Ran) },
		},
		"Expect": {
			func(t testing.TB) { d.Expect(t, "1") },
			func(t testing.TB) { d.Expect(t, "2") },
		},
	} {
		var good, bad noted
		row.good(&good)
		row.bad(&bad)
		if good.said != "" || bad.said == "" {
			t.Errorf("%s: said %q of what is so, and %q of what is not", what, good.said, bad.said)
		}
	}
}

type unstoppable struct{}

func (unstoppable) Stop(context.Context) error { return errors.New("no") }
