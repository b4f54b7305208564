package supervisor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A crash of a supervised service is one record of an error, by the service, and one
// that it is restarted; and of many at once there are as few, with their number.
func TestSUPOneRecordForACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log := slog.New(slog.NewTextHandler(&text, nil))
		svc := actor.New(build, actor.WithName("fragile"), actor.WithLogger(log))
		tree := supervisor.New("tree", supervisor.Spec{
			Logger: log, MaxRestarts: supervisor.Unlimited, Children: []supervisor.Child{{Service: svc}},
		})
		start(t, tree)
		records := func(message string) (found []string) {
			synctest.Wait()
			for _, line := range strings.Split(text.String(), "\n") {
				if strings.Contains(line, message) {
					found = append(found, line)
				}
			}
			return found
		}
		crash := func() { _ = svc.Run(context.Background(), func(*number) error { panic("again") }) }
		crash()
		if all := records("level="); len(all) != 2 || len(records("service crashed")) != 1 || len(records("restarting")) != 1 {
			t.Errorf("after one crash:\n%s", strings.Join(all, "\n"))
		}
		for range 50 {
			crash()
		}
		time.Sleep(time.Minute)
		crashes := records("service crashed")
		if len(crashes) != 2 || !strings.Contains(crashes[1], "count=50 ") {
			t.Errorf("after 50 more:\n%s", strings.Join(crashes, "\n"))
		}
		crash()
		restarts := records("restarting")
		if len(restarts) != 2 || !strings.Contains(restarts[1], "restarts=52") {
			t.Errorf("restarts:\n%s", strings.Join(restarts, "\n"))
		}
		if all := records("level="); len(all) != 5 {
			t.Errorf("in all:\n%s", strings.Join(all, "\n"))
		}
		stop(t, tree)
	})
}

// ohs is where the panic of the next test comes from.
func ohs() { panic("oh") }

// What the user's functions panic with that are no service, the supervisor logs, as a service
// does: what panicked, and the user's part of the stack, and no file with its folders.
func TestCrashOfAFunctionIsLogged(t *testing.T) {
	for name, row := range map[string]struct {
		message string
		spec    supervisor.Spec
	}{
		"a function": {"supervisor: exited", supervisor.Spec{Children: []supervisor.Child{{
			Restart: supervisor.Temporary, Service: supervisor.Func(func(context.Context) error { ohs(); return nil }),
		}}}},
		"OnEvent": {"supervisor: OnEvent panicked", supervisor.Spec{
			Children: []supervisor.Child{{Service: supervisor.Func(func(ctx context.Context) error { <-ctx.Done(); return nil })}}, OnEvent: func(supervisor.Event) { ohs() },
		}},
		"Decider": {"supervisor: Decider panicked", supervisor.Spec{
			Children: []supervisor.Child{{Restart: supervisor.Temporary, Service: supervisor.Func(func(context.Context) error { return errStrange })}},
			Decider:  func(string, error) supervisor.Decision { ohs(); return supervisor.ByTable },
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var text bytes.Buffer
			row.spec.Logger, row.spec.Children[0].Name = slog.New(slog.NewJSONHandler(&text, nil)), "task"
			tree := supervisor.New("tree", row.spec)
			start(t, tree)
			synctest.Wait()
			var rec struct {
				Level, Value, Err, Func, File, Stack string
				Line                                 int
			}
			for line := range strings.Lines(text.String()) {
				if strings.Contains(line, row.message) {
					if err := json.Unmarshal([]byte(line), &rec); err != nil {
						t.Fatal(err)
					}
				}
			}
			first, _, _ := strings.Cut(rec.Stack, "supervisor_test.ohs(...)\n\t/")
			if rec.Level != "ERROR" || !strings.HasSuffix(rec.Value+rec.Err, "oh") || first == rec.Stack ||
				strings.Contains(rec.Stack, "nano_services/supervisor.") || !strings.HasSuffix(rec.Stack, " frames of the library are left out)\n") {
				t.Errorf("%s: %s", name, text.String())
			}
			if name == "a function" && (rec.File != "crashlog_test.go" || rec.Line == 0 || !strings.HasPrefix(rec.Func, "supervisor_test.TestCrashOfAFunctionIsLogged")) {
				t.Errorf("%s: %s", name, text.String())
			}
			stop(t, tree)
		})
	}
}
