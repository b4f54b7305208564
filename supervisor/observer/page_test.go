package observer_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

var rewrite = flag.Bool("rewrite", false, "write the pages in testdata anew")

// shop is a tree in which everything happens.
func shop() fixed {
	start := time.Now().Add(-90 * time.Minute)
	h := actor.Histogram{Count: 2, Mean: 2 * time.Millisecond, Max: 3210 * time.Microsecond, Buckets: []actor.Bucket{
		{UpTo: time.Millisecond, Count: 1}, {UpTo: 3328 * time.Microsecond, Count: 1},
	}}
	return fixed{
		Name: "shop", Path: "shop", State: "up",
		Supervisor: &supervisor.Budget{Strategy: "rest for one", Max: 3, Period: 5 * time.Second, Used: 1},
		Children: []supervisor.Node{
			{Name: "db", Path: "shop/db", State: "up", Since: start, Restart: "permanent", Service: &actor.Info{
				Name: "shop/db", State: actor.Running, Incarnation: 1, Accepted: 12, Executed: 5, Queued: 6, High: 40, Running: 1,
				Closure: &actor.Activity{Func: "example.com/shop.(*Orders).Buy.func1", File: "/src/shop/orders.go", Line: 41, Age: 1234567 * time.Microsecond},
				Waits:   h, Runs: h,
				WaitsFor: []actor.Wait{{Service: "shop/db", For: "shop/orders", Site: "shop.(*DB).Load db.go:9"}},
			}},
			{Name: "orders", Path: "shop/orders", State: "up", Since: start, Restart: "permanent", Restarts: 2, Err: "<out of paper>", Service: &actor.Info{
				Name: "shop/orders", State: actor.Running, Incarnation: 3, Paused: true, Dead: 1, Skipped: 2, Refused: 3,
				WaitsFor: []actor.Wait{
					{Service: "shop/orders", For: "shop/db", Site: "shop.(*Orders).Buy orders.go:40"},
					{Service: "shop/orders", For: "shop/billing", Site: "shop.(*Orders).Buy orders.go:44"},
				},
				Crash: &actor.Crash{
					Time: start.Add(time.Hour), Message: "actor: shop/orders: shop.pay (shop.go:7) panicked: <out of paper>", Count: 2,
					Err:  &actor.PanicError{Value: "<out of paper>", Func: "example.com/shop.pay", File: "/src/shop/shop.go", Line: 7},
					Func: "example.com/shop.pay", File: "/src/shop/shop.go", Line: 7,
				},
			}},
			{Name: "billing", Path: "shop/billing", State: "up", Since: start, Restart: "permanent",
				Service: &actor.Info{Name: "shop/billing", State: actor.Running, Incarnation: 1},
				Members: []actor.Info{
					{Name: "shop/billing/0", State: actor.Running, Incarnation: 1, Executed: 7},
					{Name: "shop/billing/1", State: actor.Running, Incarnation: 1, Closure: &actor.Activity{Func: "shop.f", File: "f.go", Line: 1, Age: 3 * time.Microsecond, Exact: true}},
				}},
			{Name: "back", Path: "shop/back", State: "starting", Since: start, Restart: "transient",
				Supervisor: &supervisor.Budget{Strategy: "one for one", Max: supervisor.Unlimited, Period: 5 * time.Second},
				Children:   []supervisor.Node{{Name: "job", Path: "shop/back/job", State: "waiting", Since: start, Restart: "temporary", Err: "no route to host"}}},
			{Name: "old", Path: "shop/old", State: "exited", Since: start, Restart: "transient", Service: &actor.Info{State: actor.Ended}},
		},
	}
}

// The pages are as they were when somebody last looked at them.
func TestObserverPage(t *testing.T) {
	pages := map[string]string{
		"tree.html": "/", "service.html": "/?path=shop/orders", "part.html": "/?path=shop/back&refresh=5",
		"tree.json": "/?format=json", "service.json": "/?format=json&path=shop/orders",
	}
	for file, target := range pages {
		synctest.Test(t, func(t *testing.T) { // where it is always the same time
			got := body(t, observer.Handler(shop()), target)
			file := filepath.Join("testdata", file)
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: not what is in %s, which go test -run Page ./supervisor/observer -rewrite writes:\n%s", target, file, got)
			}
		})
	}
}

// Services that wait for each other are red, and those that only wait are not.
func TestObserverCyclesAreRed(t *testing.T) {
	html := body(t, observer.Handler(shop()), "/")
	for part, want := range map[string]bool{
		`These services wait for each other`:                      true,
		`class="bad">waits for shop/db <`:                         true,
		`class="bad">waits for shop/orders <`:                     true,
		`class="bad">waits for shop/billing <`:                    false,
		`href="?path=shop%2Fdb" class="bad">db</a>`:               true,
		`href="?path=shop%2Forders" class="bad">orders</a>`:       true,
		`href="?path=shop%2Fbilling" class="bad">billing</a>`:     false,
		`<div>waits for shop/billing <span class="quiet">in shop`: true,
	} {
		if strings.Contains(html, part) != want {
			t.Errorf("%s: not %t in\n%s", part, want, html)
		}
	}
}

// What comes from outside is text, not HTML.
func TestObserverEscapes(t *testing.T) {
	const evil = `<script>alert(1)</script>"'&`
	h := observer.Handler(fixed{Name: evil, Path: evil, State: evil, Err: evil, Service: &actor.Info{
		Name:     evil,
		Closure:  &actor.Activity{Func: evil, File: evil},
		WaitsFor: []actor.Wait{{Service: evil, For: evil, Site: evil}},
		Crash:    &actor.Crash{Message: evil},
	}})
	w := ask(h, "/")
	if strings.Contains(w.Body.String(), "<script") {
		t.Errorf("%s", w.Body)
	}
	if p := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none';") {
		t.Errorf("policy %q", p)
	}
	if w := ask(h, "/?path=%3Cscript%3E"); w.Code != 404 || w.Header().Get("X-Content-Type-Options") != "nosniff" ||
		!strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

var worker = regexp.MustCompile(`>w\d+<`)

// Of many children the first are shown, and before them those at which there is something
// to see; the others are counted.
func TestObserverShowsSomeOfMany(t *testing.T) {
	f := fixed{Name: "root", Path: "root", State: "up", Supervisor: new(supervisor.Budget)}
	for i := range 2000 {
		n := supervisor.Node{Name: fmt.Sprintf("w%d", i), Path: fmt.Sprintf("root/w%d", i), State: "up", Service: new(actor.Info)}
		switch i {
		case 1990:
			n.State = "waiting"
		case 1991:
			n.Service = &actor.Info{Queued: 1}
		case 1992:
			n.Service = &actor.Info{Crash: new(actor.Crash)}
		}
		f.Children = append(f.Children, n)
	}
	h := observer.Handler(f)
	for target, want := range map[string]int{"/": 500, "/?all=1": 2000, "/?path=root": 500} {
		html := body(t, h, target)
		if n := len(worker.FindAllString(html, -1)); n != want {
			t.Errorf("%s: %d children", target, n)
		}
		for _, name := range []string{"w0", "w496", "w1990", "w1991", "w1992"} {
			if !strings.Contains(html, ">"+name+"<") {
				t.Errorf("%s: no %s", target, name)
			}
		}
		if strings.Contains(html, "and 1500 more: 1500 up (") != (want == 500) {
			t.Errorf("%s: what is said of the others:\n%s", target, html[strings.LastIndex(html, "<tr"):])
		}
	}
	if r := report(t, h, "/?format=json"); len(r.Tree.Children) != 2000 {
		t.Errorf("%d children in JSON", len(r.Tree.Children))
	}
}
