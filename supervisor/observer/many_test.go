package observer_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

var worker = regexp.MustCompile(`>w\d+<`)

// Of many children the first are shown, and before them those at which there is something
// to see; the others are counted.
func TestObserverShowsSomeOfMany(t *testing.T) {
	f := many("root", 2000)
	f.Children[1990].State = "waiting"
	f.Children[1991].Service = &actor.Info{Queued: 1}
	f.Children[1992].Service = &actor.Info{Crash: new(actor.Crash)}
	h := observer.Handler(fixed(f))
	for target, want := range map[string]int{"/": 498, "/?all=1": 2000, "/?path=root": 498} {
		html := body(t, h, target)
		if n := len(worker.FindAllString(html, -1)); n != want {
			t.Errorf("%s: %d children", target, n)
		}
		for _, name := range []string{"w0", "w494", "w1990", "w1991", "w1992"} {
			if !strings.Contains(html, ">"+name+"<") {
				t.Errorf("%s: no %s", target, name)
			}
		}
		if strings.Contains(html, "and 1\u202f502 more: 1\u202f502 up (") != (want == 498) {
			t.Errorf("%s: what is said of the others:\n%s", target, html[strings.LastIndex(html, "<tr"):])
		}
	}
	if r := report(t, h, "/?format=json"); len(r.Tree.Children) != 2000 {
		t.Errorf("%d children in JSON", len(r.Tree.Children))
	}
}

// Trouble comes before what is only busy, and that before the rest.
func TestObserverShowsTroubleFirst(t *testing.T) {
	f := many("root", 1200)
	for i := range 600 {
		f.Children[100+i].Service = &actor.Info{Running: 1}
	}
	for i := range 300 {
		f.Children[4*i].Restarts = 1
	}
	html := body(t, observer.Handler(fixed(f)), "/")
	trouble, idle := 0, 0
	for i, c := range f.Children {
		if strings.Contains(html, fmt.Sprintf(">w%d<", i)) {
			trouble += c.Restarts
			if c.Restarts == 0 && c.Service.Running == 0 {
				idle++
			}
		}
	}
	if trouble != 300 || idle != 0 {
		t.Errorf("%d with restarts, %d idle", trouble, idle)
	}
}

// The page has a limit, and not only each supervisor on it; but none is without a word
// of what is below it.
func TestObserverShowsSomeOfManyEverywhere(t *testing.T) {
	wide := fixed{Name: "root", Path: "root", State: "up"}
	for i := range 100 {
		wide.Children = append(wide.Children, many(fmt.Sprintf("s%d", i), 100))
	}
	wider := fixed{Name: "root", Path: "root", State: "up"}
	for i := range 600 {
		wider.Children = append(wider.Children, many(fmt.Sprintf("s%d", i), 10))
	}
	mixed := fixed{Name: "root", Path: "root", State: "up", Children: []supervisor.Node{
		many("s0", 2000), many("s1", 3), many("s2", 1000),
	}}
	deep := fixed{Name: "root", Path: "root", State: "up"}
	for range 1500 {
		deep.Children = []supervisor.Node{supervisor.Node(deep)}
	}
	for name, tt := range map[string]struct {
		tree               fixed
		supervisors, words int
	}{
		"wide": {wide, 100, 100}, "wider": {wider, 249, 250}, "mixed": {mixed, 3, 2}, "deep": {deep, 0, 1},
	} {
		h := observer.Handler(tt.tree)
		html := body(t, h, "/")
		if n := strings.Count(html, "<tr") - 1; n > 500 || n < 480 {
			t.Errorf("%s: %d rows", name, n)
		}
		if n := len(regexp.MustCompile(`>s\d+<`).FindAllString(html, -1)); n != tt.supervisors {
			t.Errorf("%s: %d supervisors", name, n)
		}
		if n := strings.Count(html, "show all"); n != tt.words {
			t.Errorf("%s: %d times the others are counted", name, n)
		}
		if html := body(t, h, "/?all=1"); strings.Contains(html, "show all") || strings.Count(html, "<tr") < 1500 {
			t.Errorf("%s: not all of it", name)
		}
	}
}

// many is a node with so many children, at which there is nothing to see.
func many(name string, children int) supervisor.Node {
	n := supervisor.Node{Name: name, Path: name, State: "up"}
	for i := range children {
		n.Children = append(n.Children, supervisor.Node{
			Name: fmt.Sprintf("w%d", i), Path: fmt.Sprintf("%s/w%d", name, i), State: "up", Service: &actor.Info{State: actor.Running},
		})
	}
	return n
}
