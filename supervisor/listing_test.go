package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// A tree is up if all of it is that is to run, however deep.
func TestSUPUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := supervisor.Func(func(ctx context.Context) error {
			time.Sleep(time.Second)
			supervisor.Ready(ctx)
			<-ctx.Done()
			return nil
		})
		crashes := make(chan struct{})
		fails := supervisor.Func(func(ctx context.Context) error {
			select {
			case <-crashes:
				return errCrash
			case <-ctx.Done():
				return nil
			}
		})
		workers := pool.New(2, func(context.Context) (*int, error) { return new(int), nil }, actor.WithName("workers"))
		inner := supervisor.New("inner", supervisor.Spec{Children: []supervisor.Child{
			{Service: workers},
			{Name: "fails", Service: fails, Backoff: &supervisor.Backoff{Min: time.Minute}},
			{Name: "slow", Service: slow, AwaitReady: true},
		}, Logger: quiet})
		root := supervisor.New("root", supervisor.Spec{Children: []supervisor.Child{
			{Service: inner},
			{Name: "once", Service: supervisor.Func(func(context.Context) error { return nil }), Restart: supervisor.Transient},
			{Name: "idle", Service: new(idler)},
		}, Logger: quiet})
		want := func(when string, up bool) {
			t.Helper()
			synctest.Wait()
			if root.Up() != up {
				t.Errorf("%s: up is %v: %+v", when, !up, root.Children())
			}
		}
		want("before the start", false)
		started := make(chan error)
		go func() { started <- root.Start(context.Background()) }()
		want("while a child is starting", false)
		if err := <-started; err != nil {
			t.Fatal(err)
		}
		want("when all have started, and one has ended normally", true)
		crashes <- struct{}{}
		want("while a grandchild waits for its restart", false)
		if inner.Up() {
			t.Error("its supervisor is up")
		}
		time.Sleep(2 * time.Minute)
		want("when it is back", true)
		if err := root.Terminate(t.Context(), "idle"); err != nil {
			t.Error(err)
		}
		want("when a child was terminated", true)
		stop(t, root)
		want("after the end", false)
	})
}

func TestSUPChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		workers := pool.New(2, func(context.Context) (*int, error) { return new(int), nil }, actor.WithName("workers"))
		inner := supervisor.New("inner", supervisor.Spec{
			AutoShutdown: supervisor.AllSignificant,
			Children: []supervisor.Child{
				{Service: workers},
				{Name: "asks", Service: new(idler), Shutdown: time.Minute, Restart: supervisor.Transient, Significant: true},
			},
		})
		root := supervisor.New("root", children(supervisor.Child{Service: inner}))
		if _, ok := root.Child("inner"); ok {
			t.Error("a child before the start")
		}
		start(t, root)
		for _, row := range []struct {
			name, path  string
			shutdown    time.Duration
			significant bool
		}{
			{"inner", "root/inner", supervisor.Forever, false},
			{"inner/asks", "root/inner/asks", time.Minute, true},
			{"inner/workers", "root/inner/workers", supervisor.Forever, false},
			{"inner/workers/0", "root/inner/workers/0", supervisor.DefaultShutdown, false},
		} {
			c, ok := root.Child(row.name)
			if !ok || c.Path != row.path || c.State != supervisor.Up || c.Shutdown != row.shutdown || c.Significant != row.significant {
				t.Errorf("%s: %+v, %v", row.name, c, ok)
			}
		}
		for _, name := range []string{"", "outer", "inner/", "inner/none", "inner/asks/more", "/inner", "root/inner"} {
			if c, ok := root.Child(name); ok || c.Name != "" {
				t.Errorf("%q: %+v, %v", name, c, ok)
			}
		}
		stop(t, root)
	})
}
