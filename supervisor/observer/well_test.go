package observer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// examined is what the first line says of a tree.
func examined(tree supervisor.Node, at time.Time) well {
	s := &sample{at: at, tree: tree}
	s.cycles = cycles(waits(&tree, nil))
	r, _ := s.part("")
	return newView(s, r, query{}, &series{}).examine(&tree)
}

// The first line says whether all is well, and why not: each row is one child of a tree.
func TestObserverIsAllWell(t *testing.T) {
	now := time.Now()
	service := func(i actor.Info) supervisor.Node {
		i.State = actor.Running
		return supervisor.Node{State: "up", Service: &i}
	}
	budget := func(used, most int) supervisor.Node {
		return supervisor.Node{State: "up", Supervisor: &supervisor.Budget{Used: used, Max: most, Period: 5 * time.Second}}
	}
	runs := func(age time.Duration) supervisor.Node {
		return service(actor.Info{Closure: &actor.RunningClosure{Age: age, Exact: true}})
	}
	for name, tt := range map[string]struct {
		child        supervisor.Node
		class, facts string
	}{
		"up":                     {service(actor.Info{}), good, ""},
		"a function":             {supervisor.Node{State: "up"}, good, ""},
		"terminated":             {supervisor.Node{State: "terminated"}, good, ""},
		"exited":                 {supervisor.Node{State: "exited"}, good, ""},
		"exited with an error":   {supervisor.Node{State: "exited", Err: "disk full\nand more"}, bad, "is exited: disk full"},
		"waits to be restarted":  {supervisor.Node{State: "waiting", Err: "disk full"}, bad, "is waiting: disk full"},
		"waits for a sibling":    {supervisor.Node{State: "waiting"}, bad, "is waiting: it is restarted with another"},
		"starting":               {supervisor.Node{State: "starting", Since: now.Add(-4 * time.Second)}, good, ""},
		"starting for long":      {supervisor.Node{State: "starting", Since: now.Add(-5 * time.Second)}, bad, "is starting for 5 s"},
		"stopping for long":      {supervisor.Node{State: "stopping", Since: now.Add(-time.Hour)}, bad, "is stopping for 1 h"},
		"works":                  {runs(4999 * time.Millisecond), good, ""},
		"is stuck":               {runs(5 * time.Second), bad, "runs one closure for 5s"},
		"paused":                 {service(actor.Info{Paused: true}), odd, "is paused"},
		"not full":               {service(actor.Info{Capacity: 3, Queued: 2}), good, ""},
		"full":                   {service(actor.Info{Capacity: 3, Queued: 3}), odd, "is full: 3 closures wait"},
		"no bound":               {service(actor.Info{Queued: 3000}), good, ""},
		"crashed before":         {service(actor.Info{Crash: &actor.Crash{Time: now.Add(-time.Minute)}}), good, ""},
		"has crashed":            {service(actor.Info{Crash: &actor.Crash{Time: now.Add(-59 * time.Second)}}), odd, "crashed or failed in the last minute"},
		"failed before":          {supervisor.Node{State: "up", Err: "disk full", Since: now.Add(-time.Minute)}, good, ""},
		"has failed":             {supervisor.Node{State: "up", Err: "disk full", Since: now.Add(-time.Second)}, odd, "crashed or failed in the last minute"},
		"restarted with another": {supervisor.Node{State: "up", Restarts: 1, Since: now.Add(-time.Second)}, good, ""},
		"has failed, and waits":  {supervisor.Node{State: "waiting", Err: "disk full", Since: now.Add(-time.Second)}, bad, "is waiting: disk full"},
		"nothing of a budget":    {budget(0, 1), good, ""},
		"no budget":              {budget(0, 0), good, ""},
		"some of a budget":       {budget(1, 3), good, ""},
		"most of a budget":       {budget(2, 3), bad, "has used up 2 of 3 restarts in 5s"},
		"all of a small budget":  {budget(1, 1), bad, "has used up 1 of 1 restart in 5s"},
		"some of a large budget": {budget(79, 100), good, ""},
		"most of a large budget": {budget(80, 100), bad, "has used up 80 of 100 restarts in 5s"},
		"any number of restarts": {budget(1000, supervisor.Unlimited), good, ""},
	} {
		w := examined(supervisor.Node{Name: "root", State: "up", Children: []supervisor.Node{tt.child}}, now)
		var what []string
		for _, f := range w.Facts {
			what = append(what, f.What)
		}
		if got := strings.Join(what, "; "); w.Class != tt.class || got != tt.facts {
			t.Errorf("%s: %s, because it %q: want %s, because it %q", name, w.Class, got, tt.class, tt.facts)
		}
	}
}

// The answer is of the whole tree, and lists the worst.
func TestObserverAnswers(t *testing.T) {
	now := time.Now()
	waits := func(n int) (all []supervisor.Node) {
		for range n {
			all = append(all, supervisor.Node{State: "waiting", Err: "x"})
		}
		return all
	}
	full := supervisor.Node{State: "up", Service: &actor.Info{State: actor.Running, Paused: true}}
	for want, tree := range map[string]supervisor.Node{
		"off The tree does not run 0+0":             {State: "idle"},
		"soon The tree is starting 0+0":             {State: "starting"},
		"soon The tree is stopping 0+0":             {State: "stopping"},
		"good All is well 0+0":                      {State: "up"},
		"bad 1 thing is wrong 1+0":                  {State: "up", Children: waits(1)},
		"bad 9 things are wrong 6+4":                {State: "up", Children: append([]supervisor.Node{full}, waits(9)...)},
		"odd It runs, with 1 thing to look at 1+0":  {State: "up", Children: []supervisor.Node{full}},
		"odd It runs, with 2 things to look at 2+0": {State: "up", Children: []supervisor.Node{full, full}},
		"bad 1 thing is wrong 0+0": {State: "up", Children: []supervisor.Node{
			{State: "up", Service: &actor.Info{State: actor.Running, WaitsFor: []actor.WaitsFor{{Service: "a", For: "b"}, {Service: "b", For: "a"}}}},
		}},
	} {
		w := examined(tree, now)
		if got := fmt.Sprintf("%s %s %d+%d", w.Class, w.Answer, len(w.Facts), w.More); got != want {
			t.Errorf("%s: want %s", got, want)
		}
		if len(w.Facts) == facts && w.Facts[0].Class != bad {
			t.Errorf("%s: the first is %v", want, w.Facts[0])
		}
	}
}

// States are counted by a word each, the worst first, and crashes of the last minute and hour:
// of a supervisor that has seen more than it keeps there are at least as many.
func TestObserverCountsStatesAndCrashes(t *testing.T) {
	now := time.Now()
	ago := func(n int, d time.Duration) *supervisor.Budget {
		b := &supervisor.Budget{Max: supervisor.Unlimited}
		for range n {
			b.Crashes = append(b.Crashes, now.Add(-d))
		}
		return b
	}
	tree := supervisor.Node{State: "up", Supervisor: ago(2, 2*time.Hour), Children: []supervisor.Node{
		{State: "up", Supervisor: ago(3, 59*time.Minute)}, {State: "up", Service: &actor.Info{State: actor.Running}},
		{State: "up", Service: &actor.Info{State: actor.Draining}}, {State: "waiting"}, {State: "up", Supervisor: ago(1, time.Second)},
	}}
	w := examined(tree, now)
	var counts []string
	for _, c := range w.Counts {
		counts = append(counts, c.N+" "+c.State)
	}
	if got := strings.Join(counts, ", "); got != "1 waiting, 1 draining, 3 up" || w.Crashed != "1 crash in the last minute, 4 crashes in the last hour" {
		t.Errorf("%s; %s", got, w.Crashed)
	}
	tree.Children[0].Supervisor = ago(100, time.Second)
	if w := examined(tree, now); w.Crashed != "at least 101 crashes in the last minute, at least 101 crashes in the last hour" {
		t.Error(w.Crashed)
	}
}
