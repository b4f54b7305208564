package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// waitLog is a handler that keeps the records of waits, in lines such as
// "5s root/a is not up yet: patience_test.go".
type waitLog struct {
	name string
	*waitLines
}

// waitLines are the lines of all that log to one log.
type waitLines struct {
	mu    sync.Mutex
	begun time.Time
	lines []string
}

func newWaitLog() *waitLog { return &waitLog{"tree", &waitLines{begun: time.Now()}} }

func (l *waitLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *waitLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *waitLog) WithGroup(string) slog.Handler            { return l }

func (l *waitLog) Handle(_ context.Context, r slog.Record) error {
	if !strings.Contains(r.Message, "yet") {
		return nil
	}
	var who, running string
	var age time.Duration
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "service", "path":
			who = a.Value.String()
		case "running":
			running = a.Value.String()
		case "for":
			age = a.Value.Duration()
		}
		return true
	})
	if !strings.Contains(running, "_test.go:") {
		who += " without a line"
	}
	_, what, _ := strings.Cut(r.Message, ": ")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%v %s %s, by the %s, after %v", r.Time.Sub(l.begun), who, what, l.name, age))
	return nil
}

// of is the same log for what has a logger of its own.
func (l *waitLog) of(name string) *slog.Logger {
	return slog.New(&waitLog{name, l.waitLines})
}

func (l *waitLog) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.lines, want) {
		t.Errorf("reports\n\t%s\nwant\n\t%s", strings.Join(l.lines, "\n\t"), strings.Join(want, "\n\t"))
	}
	l.lines = nil
}

// stays returns a Serve that takes so long to end, and is up after another time.
func stays(up, end time.Duration) supervisor.Func {
	return func(ctx context.Context) error {
		time.Sleep(up)
		supervisor.Ready(ctx)
		<-ctx.Done()
		time.Sleep(end)
		return nil
	}
}

// slowly is a service whose constructor and whose only closure take so long.
func slowly(l *waitLog, name string, up, runs time.Duration) *actor.Service[hollow] {
	svc := actor.New(func(context.Context) (*hollow, error) { time.Sleep(up); return &hollow{}, nil },
		actor.WithName(name), actor.WithLogger(l.of("service")))
	if runs > 0 {
		_ = svc.Do(func(*hollow) { time.Sleep(runs) })
	}
	return svc
}

// The row Waiting of the contract: what the supervisor, or one below, waits for is
// reported once each, by whom it is waited for directly, and not when it is cut off.
func TestSUPWaitingIsReported(t *testing.T) {
	const sec = time.Second
	for _, row := range []struct {
		name  string
		child func(*waitLog) supervisor.Child
		stop  time.Duration // of the context of Stop; 0: for ever
		up    []string      // reports until it is up
		down  []string      // from Stop on
	}{
		{"a service is slow to start", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Service: slowly(l, "a", 21*sec, 0)}
		}, 0, []string{
			"5s root/a is not up yet, by the service, after 5s", "10s root/a is not up yet, by the service, after 10s",
			"20s root/a is not up yet, by the service, after 20s",
		}, nil},
		{"a function is slow to start", func(*waitLog) supervisor.Child {
			return supervisor.Child{Name: "a", Service: stays(6*sec, 0), AwaitReady: true}
		}, 0, []string{"5s root/a is not up yet, by the tree, after 5s"}, nil},
		{"a service is slow to end", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Service: slowly(l, "a", 0, time.Hour), Shutdown: 11 * sec}
		}, 0, nil, []string{
			"5s root/a has not ended yet, by the service, after 5s", "10s root/a has not ended yet, by the service, after 10s",
		}},
		{"cut off after 5 s, the default", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Service: slowly(l, "a", 0, time.Hour)}
		}, 0, nil, nil},
		{"cut off when Stop's context ends", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Service: slowly(l, "a", 0, time.Hour), Shutdown: supervisor.Forever}
		}, 10 * sec, nil, []string{"5s root/a has not ended yet, by the service, after 5s"}},
		{"a function is slow to end", func(*waitLog) supervisor.Child {
			return supervisor.Child{Name: "a", Service: stays(0, 6*sec), Shutdown: supervisor.Forever}
		}, 0, nil, []string{"5s root/a has not ended yet, by the tree, after 5s"}},
		{"below another supervisor, one after the other", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Service: supervisor.New("in", supervisor.Spec{Children: []supervisor.Child{
				{Name: "f", Service: stays(0, 6*sec), Shutdown: supervisor.Forever},
				{Service: slowly(l, "a", 0, time.Hour), Shutdown: 12 * sec},
			}})}
		}, 0, nil, []string{
			"5s root/in/a has not ended yet, by the service, after 5s", "10s root/in/a has not ended yet, by the service, after 10s",
			"17s root/in/f has not ended yet, by the tree, after 5s",
		}},
		{"below another, which is given up then", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Shutdown: 5 * sec, Service: supervisor.New("in", supervisor.Spec{Children: []supervisor.Child{
				{Service: slowly(l, "a", 0, time.Hour), Shutdown: supervisor.Forever},
			}})}
		}, 0, nil, nil},
		{"below another, whose time is over then", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Service: supervisor.New("in", supervisor.Spec{Shutdown: 5 * sec, Children: []supervisor.Child{
				{Service: slowly(l, "a", 0, time.Hour), Shutdown: supervisor.Forever},
			}})}
		}, 0, nil, nil},
		{"all at once", func(l *waitLog) supervisor.Child {
			return supervisor.Child{Service: supervisor.New("in", supervisor.Spec{Together: true, Children: []supervisor.Child{
				{Name: "f", Service: stays(7*sec, 0), AwaitReady: true},
				{Name: "g", Service: stays(3*sec, 6*sec), AwaitReady: true, Shutdown: supervisor.Forever},
			}})}
		}, 0, []string{"5s root/in/f is not up yet, by the tree, after 5s"},
			[]string{"5s root/in/g has not ended yet, by the tree, after 5s"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newWaitLog()
				spec := children(row.child(l))
				spec.Logger = slog.New(l)
				root := supervisor.New("root", spec)
				start(t, root)
				l.expect(t, row.up...)
				time.Sleep(time.Minute - time.Since(l.begun)) // and nothing is to be reported of what is up
				l.begun = time.Now()
				l.lines = nil
				ctx := context.Background()
				if row.stop > 0 {
					bounded, cancel := context.WithTimeout(ctx, row.stop)
					defer cancel()
					ctx = bounded
				}
				_ = root.Stop(ctx)
				l.expect(t, row.down...)
				time.Sleep(2 * time.Hour)
				l.expect(t)
			})
		})
	}
}

// The same of Terminate, of a group that is restarted, of a start that is given up, and of a
// service that is stopped by who has it while its supervisor waits for it as well.
func TestSUPWaitingIsReportedOf(t *testing.T) {
	const sec = time.Second
	slow := func(l *waitLog, runs time.Duration) supervisor.Child {
		return supervisor.Child{Service: slowly(l, "a", 0, runs), Shutdown: 30 * sec}
	}
	for _, row := range []struct {
		name string
		do   func(t *testing.T, l *waitLog, spec supervisor.Spec)
		want []string
	}{
		{"Terminate", func(t *testing.T, l *waitLog, spec supervisor.Spec) {
			spec.Children = []supervisor.Child{slow(l, 6*sec)}
			root := supervisor.New("root", spec)
			start(t, root)
			if err := root.Terminate(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			stop(t, root)
		}, []string{"5s root/a has not ended yet, by the service, after 5s"}},
		{"a restart of a group", func(t *testing.T, l *waitLog, spec supervisor.Spec) {
			b := newPuppet()
			spec.Strategy, spec.Children = supervisor.OneForAll, []supervisor.Child{slow(l, 6*sec), {Name: "b", Service: b}}
			root := supervisor.New("root", spec)
			start(t, root)
			synctest.Wait() // the closure runs: it is not left to the next incarnation
			b.crash()
			time.Sleep(time.Minute)
			stop(t, root)
		}, []string{"5s root/a has not ended yet, by the service, after 5s"}},
		{"a start that is given up then", func(t *testing.T, l *waitLog, spec supervisor.Spec) {
			spec.Children = []supervisor.Child{{Service: slowly(l, "a", time.Hour, 0), Shutdown: supervisor.AtOnce}}
			ctx, cancel := context.WithTimeout(t.Context(), 10*sec)
			defer cancel()
			if err := supervisor.New("root", spec).Start(ctx); err == nil {
				t.Error("it started")
			}
		}, []string{"5s root/a is not up yet, by the service, after 5s"}},
		{"a time to start that is over then", func(t *testing.T, l *waitLog, spec supervisor.Spec) {
			spec.Children = []supervisor.Child{{Service: slowly(l, "a", time.Hour, 0), Shutdown: supervisor.AtOnce, StartTimeout: 10 * sec}}
			if err := supervisor.New("root", spec).Start(t.Context()); err == nil {
				t.Error("it started")
			}
		}, []string{"5s root/a is not up yet, by the service, after 5s"}},
		{"two who wait for one service", func(t *testing.T, l *waitLog, spec supervisor.Spec) {
			svc := slowly(l, "a", 0, 21*sec)
			spec.Children = []supervisor.Child{{Service: svc, Shutdown: supervisor.Forever}}
			root := supervisor.New("root", spec)
			start(t, root)
			stopped := pending(func() error { return svc.Stop(context.Background()) })
			stop(t, root)
			<-stopped
		}, []string{
			"5s root/a has not ended yet, by the service, after 5s", "10s root/a has not ended yet, by the service, after 10s",
			"20s root/a has not ended yet, by the service, after 20s",
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newWaitLog()
				row.do(t, l, supervisor.Spec{Logger: slog.New(l)})
				time.Sleep(2 * time.Hour)
				l.expect(t, row.want...)
			})
		})
	}
}
