package courtesy_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/courtesy"
	"github.com/bruskajp/nano_services/internal/where"
)

func aHook()  {}
func within() {}

// runs calls f as code of the program's that is at.
func runs(at, f func()) {
	courtesy.Run(new(int), func() where.Place { return where.Entry(at) }, nil, f)
}

// A wait is reported at doubled times, 8 in all, with what runs then; not at the time at which
// the one that tells will be in a hurry, and not in a hurry.
func TestAWaitIsReported(t *testing.T) {
	minutes := func(n int) func() { return func() { time.Sleep(time.Duration(n) * time.Minute) } }
	for name, row := range map[string]struct {
		arrange func(x *teller)
		told    func()
		want    []string
	}{
		"8 in all": {nil, func() { runs(aHook, minutes(60)) }, []string{"aHook 5s", "aHook 10s", "aHook 20s",
			"aHook 40s", "aHook 1m20s", "aHook 2m40s", "aHook 5m20s", "aHook 10m40s"}},
		"what runs then": {nil, func() {
			runs(aHook, func() {
				time.Sleep(7 * time.Second)
				runs(within, func() { time.Sleep(5 * time.Second) })
				time.Sleep(10 * time.Second)
			})
			time.Sleep(20 * time.Second)
		}, []string{"aHook 5s", "within 10s", "aHook 20s", " 40s"}},
		"given up later":    {func(x *teller) { x.givenUp = 20 * time.Second }, func() { runs(aHook, minutes(60)) }, []string{"aHook 5s", "aHook 10s"}},
		"given up at 5s":    {func(x *teller) { x.givenUp = 5 * time.Second }, func() { runs(aHook, minutes(60)) }, nil},
		"bound, until 10 s": {func(x *teller) { x.Bound(&courtesy.Limit{Until: time.Now().Add(10 * time.Second)}) }, func() { runs(aHook, minutes(60)) }, []string{"aHook 5s"}},
		"in a hurry":        {func(x *teller) { x.Hurry() }, func() { runs(aHook, minutes(60)) }, nil},
		"in a hurry at last": {func(x *teller) {
			time.AfterFunc(5*time.Second-time.Millisecond, func() { x.locked(x.Hurry) })
		}, func() { runs(aHook, minutes(60)) }, nil},
		"quick": {nil, func() { runs(aHook, func() { time.Sleep(5*time.Second - 1) }) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := new(teller)
				if row.arrange != nil {
					x.locked(func() { row.arrange(x) })
				}
				x.tell([]string{""}, func(string) { row.told() })
				time.Sleep(2 * time.Hour)
				x.locked(func() {
					if !slices.Equal(x.reports, row.want) {
						t.Errorf("reported %q, want %q", x.reports, row.want)
					}
				})
			})
		})
	}
}

// Who tells what has outlived a courtesy and hangs still is not waited for, whoever tells it; what
// is other code has its courtesy, and so has the same once it has returned.
func TestWhatHangsHasNoCourtesy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		took := func(at, f func()) time.Duration {
			x := new(teller)
			x.locked(x.Hurry)
			return x.tell([]string{""}, func(string) { runs(at, f) })
		}
		hangs := func() { <-gate }
		slow := func() { time.Sleep(time.Millisecond) }
		for i, step := range []struct {
			at, f func()
			want  time.Duration
		}{
			{aHook, slow, time.Millisecond},
			{aHook, hangs, courtesyTime},
			{aHook, hangs, 0},
			{aHook, slow, 0},
			{within, slow, time.Millisecond},
			{within, func() { runs(aHook, slow) }, 0},
			{within, hangs, courtesyTime},
			{within, hangs, 0},
			{aHook, hangs, 0},
			{within, func() { time.Sleep(time.Hour) }, 0},
		} {
			if got := took(step.at, step.f); got != step.want {
				t.Errorf("step %d: took %v, want %v", i, got, step.want)
			}
			time.Sleep(time.Second)
		}
		close(gate)
		synctest.Wait()
		for _, at := range []func(){aHook, within} {
			for _, want := range []time.Duration{courtesyTime, 0} {
				if got := took(at, func() { time.Sleep(time.Minute) }); got != want {
					t.Errorf("when all has returned: took %v, want %v", got, want)
				}
			}
		}
		time.Sleep(2 * time.Hour)
	})
}

const courtesyTime = time.Second / 10

// Code that nothing waits for is in nothing.
func TestRunsElsewhere(t *testing.T) {
	ran := false
	if runs(aHook, func() { ran = true }); !ran {
		t.Error("it has not run")
	}
}
