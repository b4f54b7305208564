package supervisor_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
)

// told is what hangs at the end of a service, and what it is in the log.
type told struct {
	options func(hang func(), log *actortest.Records) []actor.Option
	running string
	makes   func(hang func()) closes // the T, or nil: of one that does not hang
	value   func(hang func()) any    // of the panic, likewise
	exits   bool                     // it does not panic, but exits
}

// closes is a T.
type closes func()

func (f *closes) Close() error { (*f)(); return nil }

// says is a panic's value.
type says func()

func (f says) Error() string { f(); return "x" }

// What waits for a hook or a logger that is told of a service's end is reported after 5 s, and
// then at doubled times, 8 in all, with what runs: once, whoever waits for the service.
func TestSUPWaitForWhatIsToldIsReported(t *testing.T) {
	bg := context.Background()
	logger := func(message, running string) told {
		return told{func(hang func(), log *actortest.Records) []actor.Option {
			return []actor.Option{actor.WithLogger(slog.New(handler(func(r slog.Record) {
				if r.Message == "actor: "+message {
					hang()
				}
				_ = log.Handle(bg, r)
			})))}
		}, running, nil, nil, false}
	}
	quiet := func(_ func(), log *actortest.Records) []actor.Option { return []actor.Option{log.Option()} }
	for place, row := range map[string]told{
		"a dead-letter hook": {func(hang func(), log *actortest.Records) []actor.Option {
			return []actor.Option{log.Option(), actor.WithDeadLetters(func(actor.DeadLetter) { hang() })}
		}, "TestSUPWaitForWhatIsToldIsReported.func", nil, nil, false},
		"a dead-letter hook, on a thread": {func(hang func(), log *actortest.Records) []actor.Option {
			return []actor.Option{log.Option(), actor.WithOSThread(), actor.WithDeadLetters(func(actor.DeadLetter) { hang() })}
		}, "TestSUPWaitForWhatIsToldIsReported.func", nil, nil, false},
		"a logger":                    logger("accepted closures will not run", "handler.Handle"),
		"a logger, of a crash":        logger("service crashed", "reportsOf.func"),
		"a Close":                     {quiet, "closes).Close", func(hang func()) closes { return hang }, nil, true},
		"what the panic's value says": {quiet, "reportsOf.func", nil, func(hang func()) any { return says(hang) }, false},
	} {
		for who, waits := range map[string]func(root *supervisor.Supervisor, s *actor.Service[closes]){
			"a restart":      func(*supervisor.Supervisor, *actor.Service[closes]) {},
			"root.Stop":      func(root *supervisor.Supervisor, _ *actor.Service[closes]) { _ = root.Stop(bg) },
			"root.Terminate": func(root *supervisor.Supervisor, _ *actor.Service[closes]) { _ = root.Terminate(bg, "s") },
			"s.Stop":         func(_ *supervisor.Supervisor, s *actor.Service[closes]) { _ = s.Stop(bg) },
			"all": func(root *supervisor.Supervisor, s *actor.Service[closes]) {
				go func() { _ = root.Terminate(bg, "s") }()
				go func() { _ = s.Stop(bg) }()
				_ = root.Stop(bg)
			},
		} {
			for name, limit := range map[string]time.Duration{"for ever": supervisor.Forever, "for 5 s": 5 * time.Second, "for 12 s": 12 * time.Second} {
				t.Run(place+"/"+who+"/"+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						want := []int{5, 10, 20, 40, 80, 160, 320, 640}
						if supervised := strings.HasPrefix(who, "root") || who == "all"; supervised && limit != supervisor.Forever {
							want = want[:int(limit.Seconds())/6] // it is cut off then
						}
						if !slices.Equal(reportsOf(t, limit, row, waits), want) {
							t.Errorf("want %v", want)
						}
					})
				})
			}
		}
	}
}

// reportsOf returns when it was reported that s waits, in seconds after its crash.
func reportsOf(t *testing.T, limit time.Duration, row told, waits func(*supervisor.Supervisor, *actor.Service[closes])) (at []int) {
	var log actortest.Records
	var first atomic.Bool
	gate := make(chan struct{})
	hang := func() {
		if !first.Swap(true) {
			<-gate
		}
	}
	made, value := closes(func() {}), any("x")
	if row.makes != nil {
		made = row.makes(hang)
	}
	if row.value != nil {
		value = row.value(hang)
	}
	s := actor.New(func(context.Context) (*closes, error) { return &made, nil },
		append(row.options(hang, &log), actor.WithQueuePolicy(actor.FailQueue))...)
	spec := children(supervisor.Child{Name: "s", Service: s, Shutdown: limit})
	spec.Logger = slog.New(&log)
	root := supervisor.New("root", spec)
	start(t, root)
	began := time.Now()
	_ = s.DoContext(context.Background(), func(ctx context.Context, _ *closes) {
		_ = s.Do(func(*closes) {})
		if row.exits {
			actor.Exit(ctx, errCrash)
		} else {
			panic(value)
		}
	})
	synctest.Wait()
	over := make(chan struct{})
	go func() { defer close(over); waits(root, s) }()
	time.Sleep(time.Hour)
	for _, r := range log.List() {
		if r.Message != "actor: has not ended yet" && r.Message != "supervisor: has not ended yet" {
			continue
		}
		at = append(at, int(r.Time.Sub(began)/time.Second))
		if got := actortest.Attr(r, "running").String(); !strings.Contains(got, row.running) {
			t.Errorf("what runs is %q", got)
		}
		if age := actortest.Attr(r, "for").Duration(); age != r.Time.Sub(began) {
			t.Errorf("the age is %v at %v", age, r.Time.Sub(began))
		}
	}
	t.Logf("reported at %v", at)
	close(gate)
	<-over
	_ = root.Stop(context.Background())
	return at
}

// A Stop that tells of a queue itself, since the service is not served, is reported as well; not
// at the time at which its context ends.
func TestSUPWaitOfWhoTellsIsReported(t *testing.T) {
	for limit, want := range map[time.Duration]int{time.Hour: 8, 5 * time.Second: 0, 12 * time.Second: 2} {
		synctest.Test(t, func(t *testing.T) {
			var log actortest.Records
			gate := make(chan struct{})
			s := actor.New(func(context.Context) (*int, error) { return new(int), nil }, log.Option(),
				actor.WithDeadLetters(func(actor.DeadLetter) { <-gate }))
			_ = s.Do(func(*int) {})
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			_ = s.Stop(ctx)
			if n := len(log.With("actor: has not ended yet")); n != want {
				t.Errorf("within %v: %d reports, and not %d", limit, n, want)
			}
			close(gate)
			synctest.Wait()
		})
	}
}
