package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// branch is what embeds a supervisor, as a pool does.
type branch struct{ *supervisor.Supervisor }

// nest is a root with the child p, a supervisor mid with the child q, and below that another
// one with the service db.
type nest struct {
	root, mid *supervisor.Supervisor
	leaf      branch
	db        *actor.Service[number]
	p, q      *puppet
}

func newNest(mid, root supervisor.Spec, restart supervisor.Restart) *nest {
	n := &nest{db: service("db"), p: newPuppet(), q: newPuppet()}
	n.leaf = branch{supervisor.New("leaf", children(supervisor.Child{Service: n.db}))}
	mid.Children = []supervisor.Child{{Service: n.leaf}, {Name: "q", Service: n.q}}
	mid.Logger, root.Logger = quiet, quiet
	n.mid = supervisor.New("mid", mid)
	root.Children = []supervisor.Child{{Service: n.mid, Restart: restart}, {Name: "p", Service: n.p}}
	n.root = supervisor.New("root", root)
	return n
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// When Done of a supervisor below another is closed: each row of the table in done.go, and
// what is like it.
func TestSUPDoneOfANestedSupervisor(t *testing.T) {
	never := supervisor.Spec{MaxRestarts: supervisor.NoRestarts}
	bg := context.Background()
	for name, row := range map[string]struct {
		mid, root supervisor.Spec
		restart   supervisor.Restart
		do        func(*testing.T, *nest)
		mids      bool // Done of mid is closed
		leafs     bool
	}{
		"it runs": {do: func(t *testing.T, n *nest) { start(t, n.root) }},
		"the root is stopped": {mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { start(t, n.root); stop(t, n.root) }},
		"the root is stopped in a hurry": {mids: true, leafs: true, do: func(t *testing.T, n *nest) {
			start(t, n.root)
			ended, cancel := context.WithCancel(bg)
			cancel()
			n.root.Stop(ended)
		}},
		"the root is stopped before its start": {mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { stop(t, n.root) }},
		"the context of the root ends": {mids: true, leafs: true, do: func(t *testing.T, n *nest) {
			ctx, cancel := context.WithCancel(bg)
			time.AfterFunc(time.Second, cancel)
			n.root.Serve(ctx)
		}},
		"the root gives up": {root: never, mids: true, leafs: true, do: func(t *testing.T, n *nest) {
			start(t, n.root)
			n.p.crash()
		}},
		"it gives up, and so does the root": {mid: never, root: never, mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { start(t, n.root); n.q.crash() }},
		"the root can not be started": {mids: true, leafs: true, do: func(t *testing.T, n *nest) {
			n.p.awaits = true
			n.p.failNext(1)
			n.root.Start(bg)
		}},
		"the start of the root is given up": {mids: true, leafs: true, do: func(t *testing.T, n *nest) {
			n.p.awaits = true
			ctx, cancel := context.WithTimeout(bg, time.Second)
			defer cancel()
			n.root.Start(ctx)
		}},
		"the spec is bad": {root: supervisor.Spec{Period: -1}, mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { n.root.Start(bg) }},
		"it is stopped": {mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { start(t, n.root); stop(t, n.mid) }},
		"it is terminated": {do: func(t *testing.T, n *nest) {
			start(t, n.root)
			n.root.Terminate(bg, "mid")
		}},
		"it is terminated and restarted": {do: func(t *testing.T, n *nest) {
			start(t, n.root)
			n.root.Terminate(bg, "mid")
			n.root.Restart(bg, "mid")
		}},
		"it is terminated, and the root is stopped": {mids: true, leafs: true, do: func(t *testing.T, n *nest) {
			start(t, n.root)
			n.root.Terminate(bg, "mid")
			stop(t, n.root)
		}},
		"it is terminated and removed": {mids: true, leafs: true, do: func(t *testing.T, n *nest) {
			start(t, n.root)
			n.root.Terminate(bg, "mid")
			n.root.Remove(bg, "mid")
		}},
		"a temporary one is terminated": {restart: supervisor.Temporary, mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { start(t, n.root); n.root.Terminate(bg, "mid") }},
		"it gives up and is restarted": {mid: never,
			do: func(t *testing.T, n *nest) { start(t, n.root); n.q.crash() }},
		"it gives up and is left alone": {mid: never, do: func(t *testing.T, n *nest) {
			start(t, n.root)
			n.q.crash()
		}, root: supervisor.Spec{Decider: func(string, error) supervisor.Decision { return supervisor.StopChild }}},
		"it gives up and is forgotten": {mid: never, restart: supervisor.Temporary, mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { start(t, n.root); n.q.crash() }},
		"a temporary bystander": {root: supervisor.Spec{Strategy: supervisor.OneForAll},
			restart: supervisor.Temporary, mids: true, leafs: true,
			do: func(t *testing.T, n *nest) { start(t, n.root); n.p.crash() }},
		"its child is restarted with others": {mid: supervisor.Spec{Strategy: supervisor.OneForAll},
			do: func(t *testing.T, n *nest) { start(t, n.root); n.q.crash() }},
		"its child is removed": {leafs: true, do: func(t *testing.T, n *nest) {
			start(t, n.root)
			n.mid.Terminate(bg, "leaf")
			n.mid.Remove(bg, "leaf")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNest(row.mid, row.root, row.restart)
				mid, leaf := n.mid.Done(), n.leaf.Done()
				midStops, leafStops := n.mid.Stopping(), n.leaf.Stopping()
				row.do(t, n)
				synctest.Wait()
				if isClosed(mid) && !(isClosed(midStops) && isClosed(n.mid.Stopping())) ||
					isClosed(leaf) && !(isClosed(leafStops) && isClosed(n.leaf.Stopping())) {
					t.Error("Done is closed, and Stopping is not")
				}
				if isClosed(mid) != row.mids || isClosed(leaf) != row.leafs {
					t.Errorf("Done is closed: mid %t, want %t; leaf %t, want %t",
						isClosed(mid), row.mids, isClosed(leaf), row.leafs)
				}
				n.root.Stop(bg)
				if !isClosed(n.mid.Done()) && row.restart != supervisor.Temporary || !isClosed(n.root.Done()) {
					t.Error("Done is open when the tree is down")
				}
			})
		})
	}
}

// What was added is over when it can not be started, and when the supervisor that it was
// added to is restarted without it. Who adds it again finds another channel.
func TestSUPDoneOfAnAddedSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNest(supervisor.Spec{MaxRestarts: supervisor.NoRestarts}, supervisor.Spec{}, supervisor.Permanent)
		start(t, n.root)
		p := newPuppet()
		p.awaits = true
		p.failNext(1)
		added := supervisor.New("added", children(supervisor.Child{Name: "p", Service: p}))
		first := added.Done()
		if err := n.mid.Add(t.Context(), supervisor.Child{Service: added}); !errors.Is(err, errCrash) {
			t.Errorf("Add = %v", err)
		}
		if !isClosed(first) {
			t.Error("Done is open of one that could not be added")
		}
		p.awaits = false
		if err := n.mid.Add(t.Context(), supervisor.Child{Service: added}); err != nil {
			t.Errorf("Add = %v", err)
		}
		second := added.Done()
		if isClosed(second) {
			t.Error("Done is closed of one that runs")
		}
		n.q.crash() // mid gives up, and is restarted
		synctest.Wait()
		if !isClosed(second) {
			t.Error("Done is open of one that was added to a supervisor which was restarted without it")
		}
		stop(t, n.root)
	})
}

// A spec that leads back to itself is a fault of that spec, and nothing else.
func TestSUPSpecThatLeadsBack(t *testing.T) {
	loop := &branch{}
	for _, end := range []func(*supervisor.Supervisor) error{
		func(s *supervisor.Supervisor) error { return s.Start(context.Background()) },
		func(s *supervisor.Supervisor) error {
			s.Stop(context.Background())
			return s.Start(context.Background())
		},
		func(s *supervisor.Supervisor) error { s.Abandon(); return s.Start(context.Background()) },
	} {
		inner := supervisor.New("inner", children(supervisor.Child{Name: "loop", Service: loop}))
		s := supervisor.New("s", children(supervisor.Child{Service: inner}))
		loop.Supervisor = s
		if err := end(s); err == nil {
			t.Error("it was started")
		}
		<-s.Done()
	}
}
