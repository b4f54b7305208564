package supervisor_test

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// outline returns the essentials of a tree, a line each.
func outline(n supervisor.Node) string {
	var b strings.Builder
	var add func(n supervisor.Node, indent string)
	add = func(n supervisor.Node, indent string) {
		fmt.Fprintf(&b, "%s%s %s %s %d", indent, n.Name, n.State, n.Restart, n.Restarts)
		if s := n.Supervisor; s != nil {
			fmt.Fprintf(&b, " %s %d/%d in %v", s.Strategy, s.Used, s.Max, s.Period)
		}
		if i := n.Service; i != nil {
			fmt.Fprintf(&b, " %v #%d executed %d", i.State, i.Incarnation, i.Executed)
		}
		b.WriteString("\n")
		for _, c := range n.Children {
			add(c, indent+"\t")
		}
	}
	add(n, "")
	return b.String()
}

// A snapshot is the tree as it is, with restarts against the budget, whoever is stuck.
func TestSnapshotOfATree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, web := service("db", actor.WithLogger(quiet)), service("web", actor.WithLogger(quiet))
		inner := supervisor.New("inner", supervisor.Spec{
			Strategy: supervisor.OneForAll, MaxRestarts: 5, Period: time.Minute, Children: []supervisor.Child{{Service: db}},
		})
		tree := supervisor.New("tree", supervisor.Spec{
			Logger: quiet, MaxRestarts: supervisor.Unlimited,
			Children: []supervisor.Child{
				{Service: inner}, {Service: web, Restart: supervisor.Transient},
				{Name: "task", Restart: supervisor.Transient, Service: supervisor.Func(func(context.Context) error { return nil })},
			},
		})
		if got := tree.Snapshot(); got.State != "idle" || got.Children != nil {
			t.Errorf("before: %+v", got)
		}
		start(t, tree)
		for range 2 {
			_ = db.Run(context.Background(), func(*number) error { panic("crash") })
			synctest.Wait()
		}
		free := make(chan struct{})
		_ = web.Do(func(*number) { <-free })
		synctest.Wait()
		want := "tree up  0 one for one 0/-2 in 5s\n" +
			"\tinner up permanent 0 one for all 2/5 in 1m0s\n" +
			"\t\tdb up permanent 2 running #3 executed 2\n" +
			"\tweb up transient 0 running #1 executed 0\n" +
			"\ttask exited transient 0\n"
		got := tree.Snapshot()
		if outline(got) != want {
			t.Errorf("got\n%swant\n%s", outline(got), want)
		}
		if c := got.Children[1].Service.Closure; c == nil || !strings.Contains(c.Func, "TestSnapshotOfATree") {
			t.Errorf("web runs %+v", c)
		}
		if c := got.Children[0].Children[0]; c.Service.Crash == nil || c.Service.Crash.Count != 2 || !strings.Contains(c.Err, "crash") {
			t.Errorf("%+v", c)
		}
		time.Sleep(time.Hour)
		if used := tree.Snapshot().Children[0].Supervisor.Used; used != 0 {
			t.Errorf("an hour later %d restarts count", used)
		}
		close(free)
		stop(t, tree)
		if got := tree.Snapshot(); got.State != "idle" || len(got.Children) != 3 {
			t.Errorf("afterwards: %+v", got)
		}
	})
}

// A Snapshot is plain data, can be read again, and is what expvar publishes.
func TestSnapshotIsPlainData(t *testing.T) {
	svc := service("db", actor.WithLogger(quiet))
	tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: svc}}})
	start(t, tree)
	var v expvar.Var = expvar.Func(func() any { return tree.Snapshot() })
	var got supervisor.Node
	if err := json.Unmarshal([]byte(v.String()), &got); err != nil {
		t.Fatalf("%v in %s", err, v)
	}
	if got.Path != "tree" || got.Children[0].Path != "tree/db" || got.Children[0].Service.State != actor.Running {
		t.Errorf("%s", v)
	}
	stop(t, tree)
}

// A pool is the supervisor that it embeds.
func TestSnapshotOfAPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crew := pool.New(2, build, actor.WithName("crew"), actor.WithLogger(quiet))
		tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: crew}}})
		start(t, tree)
		for range 4 {
			_ = crew.Run(t.Context(), func(n *number) error { return nil })
		}
		var executed uint64
		n := tree.Snapshot().Children[0]
		for _, m := range n.Children {
			executed += m.Service.Executed
		}
		if n.Path != "tree/crew" || n.Supervisor == nil || n.Supervisor.Max != 3 || n.Service != nil ||
			len(n.Children) != 2 || n.Children[1].Path != "tree/crew/1" || executed != 4 {
			t.Errorf("%+v", n)
		}
		stop(t, tree)
	})
}

// The panic of what is no service is in it as well.
func TestSnapshotOfAFunctionThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backoff := &supervisor.Backoff{Min: time.Hour}
		tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{
			{Name: "rash", Backoff: backoff, Service: supervisor.Func(func(context.Context) error { panic("out of paper") })},
			{Name: "late", Backoff: backoff, Service: supervisor.Func(func(context.Context) error { return context.DeadlineExceeded })},
		}})
		start(t, tree)
		synctest.Wait()
		rash, late := tree.Snapshot().Children[0], tree.Snapshot().Children[1]
		if c := rash.Crash; c == nil || c.Message != rash.Err || !strings.Contains(c.Message, "out of paper") || c.Count != 0 ||
			!c.Time.IsZero() || !strings.Contains(c.Func, "TestSnapshotOfAFunctionThatPanics") || c.Line == 0 || c.File == "" || c.Err == nil {
			t.Errorf("%+v: %+v", rash, c)
		}
		if late.Crash != nil || late.Err == "" {
			t.Errorf("%+v", late)
		}
		stop(t, tree)
	})
}

// unspeakable is an error that can not be asked.
type unspeakable struct{}

func (unspeakable) Error() string { panic("do not ask") }

// An error that panics when it is asked does not take the snapshot with it.
func TestSnapshotOfAnErrorThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{
			Name: "rude", Restart: supervisor.Transient, Backoff: &supervisor.Backoff{Min: time.Hour},
			Service: supervisor.Func(func(context.Context) error { return unspeakable{} }),
		}}})
		start(t, tree)
		synctest.Wait()
		if n := tree.Snapshot().Children[0]; n.State != "waiting" || !strings.Contains(n.Err, "do not ask") {
			t.Errorf("%+v", n)
		}
		stop(t, tree)
	})
}
