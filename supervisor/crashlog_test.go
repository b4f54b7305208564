package supervisor_test

import (
	"bytes"
	"context"
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

// What a function that a supervisor runs panics with, nobody else logs.
func TestSUPFunctionsPanicIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		tree := supervisor.New("tree", supervisor.Spec{
			Logger: slog.New(slog.NewTextHandler(&text, nil)),
			Children: []supervisor.Child{{
				Name: "task", Restart: supervisor.Temporary, Service: supervisor.Func(func(context.Context) error { panic("oh") }),
			}},
		})
		start(t, tree)
		synctest.Wait()
		if !strings.Contains(text.String(), "level=WARN") || !strings.Contains(text.String(), "oh") {
			t.Errorf("%s", text.String())
		}
		stop(t, tree)
	})
}
