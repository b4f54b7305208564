package observer_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
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
	h := actor.Histogram{Count: 2, Total: 0.004, Mean: 2 * time.Millisecond, Max: 3210 * time.Microsecond, Buckets: []actor.Bucket{
		{UpTo: time.Millisecond, Count: 1}, {UpTo: 3328 * time.Microsecond, Count: 1},
	}}
	return fixed{
		Name: "shop", Path: "shop", State: "up",
		Supervisor: &supervisor.Budget{Strategy: "rest for one", Max: 3, Period: 5 * time.Second, Used: 1},
		Children: []supervisor.Node{
			{Name: "db", Path: "shop/db", State: "up", Since: start, Restart: "permanent", Service: &actor.Info{
				Name: "shop/db", State: actor.Running, Incarnation: 1, Accepted: 12, Executed: 5, Queued: 6, High: 40, Running: 1,
				Closure: &actor.RunningClosure{Func: "example.com/shop.(*Orders).Buy.func1", File: "/src/shop/orders.go", Line: 41, Age: 1234567 * time.Microsecond},
				Waits:   h, Runs: h,
				WaitsFor: []actor.WaitsFor{{Service: "shop/db", For: "shop/orders", Site: "shop.(*DB).Load db.go:9"}},
			}},
			{Name: "orders", Path: "shop/orders", State: "up", Since: start, Restart: "permanent", Restarts: 2, Err: "<out of paper>", Service: &actor.Info{
				Name: "shop/orders", State: actor.Running, Incarnation: 3, Paused: true, Dead: 1, Skipped: 2, Refused: 3,
				WaitsFor: []actor.WaitsFor{
					{Service: "shop/orders", For: "shop/db", Site: "shop.(*Orders).Buy orders.go:40"},
					{Service: "shop/orders", For: "shop/billing", Site: "shop.(*Orders).Buy orders.go:44"},
				},
				Crash: &actor.Crash{
					Time: start.Add(time.Hour), Message: "actor: shop/orders: shop.pay (shop.go:7) panicked: <out of paper>", Count: 2,
					Err:  &actor.PanicError{Value: "<out of paper>", Service: "shop/orders", Func: "example.com/shop.pay", File: "/src/shop/shop.go", Line: 7},
					Func: "example.com/shop.pay", File: "/src/shop/shop.go", Line: 7,
				},
			}},
			{Name: "billing", Path: "shop/billing", State: "up", Since: start, Restart: "permanent",
				Supervisor: &supervisor.Budget{Strategy: "one for one", Max: 3, Period: 5 * time.Second},
				Children: []supervisor.Node{
					{Name: "0", Path: "shop/billing/0", State: "up", Since: start, Restart: "permanent",
						Service: &actor.Info{Name: "shop/billing/0", State: actor.Running, Incarnation: 1, Executed: 7}},
					{Name: "1", Path: "shop/billing/1", State: "up", Since: start, Restart: "permanent",
						Service: &actor.Info{Name: "shop/billing/1", State: actor.Running, Incarnation: 1, Closure: &actor.RunningClosure{Func: "shop.f", File: "f.go", Line: 1, Age: 3 * time.Microsecond, Exact: true}}},
				}},
			{Name: "back", Path: "shop/back", State: "starting", Since: start, Restart: "transient",
				Supervisor: &supervisor.Budget{Strategy: "one for one", Max: supervisor.Unlimited, Period: 5 * time.Second},
				Children: []supervisor.Node{
					{Name: "job", Path: "shop/back/job", State: "waiting", Since: start, Restart: "temporary", Err: "no route to host"},
					{Name: "poll", Path: "shop/back/poll", State: "waiting", Since: start, Restart: "permanent", Err: pollCrash, Crash: &actor.Crash{
						Message: pollCrash, Func: "example.com/shop.poll", File: "/src/shop/poll.go", Line: 3,
						Err: &actor.PanicError{Value: "no answer", Service: "shop/back/poll", Func: "example.com/shop.poll", File: "/src/shop/poll.go", Line: 3},
					}},
				}},
			{Name: "old", Path: "shop/old", State: "exited", Since: start, Restart: "transient", Service: &actor.Info{State: actor.Ended}},
		},
	}
}

const pollCrash = "actor: shop/back/poll: shop.poll (poll.go:3) panicked: no answer"

// The pages are as they were when somebody last looked at them.
func TestObserverPage(t *testing.T) {
	pages := map[string]string{
		"tree.html": "/", "service.html": "/?path=shop/orders", "part.html": "/?path=shop/back&refresh=5",
		"tree.json": "/?format=json", "service.json": "/?format=json&path=shop/orders",
	}
	for file, target := range pages {
		synctest.Test(t, func(t *testing.T) { // where it is always the same time
			got := body(t, observer.Handler(shop()), target)
			if filepath.Ext(file) == ".json" { // which nobody could read as it is sent
				var b bytes.Buffer
				if err := json.Indent(&b, []byte(got), "", "  "); err != nil {
					t.Fatal(err)
				}
				got = b.String()
			}
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
		`These services wait for each other`:                                             true,
		`class="bad">waits for <a href="?path=shop%2Fdb">`:                               true,
		`class="bad">waits for <a href="?path=shop%2Forders">`:                           true,
		`class="bad">waits for <a href="?path=shop%2Fbilling">`:                          false,
		`href="?path=shop%2Fdb" class="bad">db</a>`:                                      true,
		`href="?path=shop%2Forders" class="bad">orders</a>`:                              true,
		`href="?path=shop%2Fbilling" class="bad">billing</a>`:                            false,
		`<div>waits for <a href="?path=shop%2Fbilling">shop/billing</a> <span class="qu`: true,
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
		Closure:  &actor.RunningClosure{Func: evil, File: evil},
		WaitsFor: []actor.WaitsFor{{Service: evil, For: evil, Site: evil}},
		Crash:    &actor.Crash{Message: evil},
	}})
	w := ask(h, "/")
	if strings.Contains(w.Body.String(), "<script") {
		t.Errorf("%s", w.Body)
	}
	if w := ask(h, "/?path=%3Cscript%3E"); w.Code != 404 || w.Header().Get("X-Content-Type-Options") != "nosniff" ||
		!strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// What browsers, and what is between them and the page, may do with it.
func TestObserverHeaders(t *testing.T) {
	h := observer.Handler(fixed{Path: "root"})
	for target, kind := range map[string]string{
		"/": "text/html; charset=utf-8", "/?format=json": "application/json", "/?path=nobody": "text/plain; charset=utf-8",
	} {
		for name, want := range map[string]string{
			"Content-Type":            kind,
			"Cache-Control":           "no-store",
			"X-Content-Type-Options":  "nosniff",
			"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
		} {
			if got := ask(h, target).Header().Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", target, name, got, want)
			}
		}
	}
}

// JSON is one line, whatever the depth of the tree.
func TestObserverJSONIsALine(t *testing.T) {
	if text := body(t, observer.Handler(shop()), "/?format=json"); strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "}\n") {
		t.Errorf("%q", text)
	}
}

// Who looks every few seconds goes on with it, on other pages.
func TestObserverLinksKeepRefreshing(t *testing.T) {
	html := body(t, observer.Handler(shop()), "/?path=shop&refresh=7")
	for _, part := range []string{
		`<a href="?refresh=7">whole tree</a>`,
		`<a href="?path=shop%2Fold&amp;refresh=7">old</a>`,
		`waits for <a href="?path=shop%2Fbilling&amp;refresh=7">`,
		`<td><a href="?path=shop%2Fdb&amp;refresh=7">shop/db</a>`,
		`<a href="?path=shop%2Forders&amp;refresh=7">shop.pay `,
		`<a href="?path=shop">stop refreshing</a>`,
	} {
		if !strings.Contains(html, part) {
			t.Errorf("no %s in\n%s", part, html)
		}
	}
	many := fixed{Path: "root", Children: make([]supervisor.Node, 1000)}
	if html := body(t, observer.Handler(many), "/?refresh=7"); !strings.Contains(html, `<a href="?all=1&amp;refresh=7">show all</a>`) {
		t.Errorf("all of many:\n%s", html[strings.LastIndex(html, "<tr"):])
	}
}

// An old crash does not hide an error that there is now; the same is not said twice.
func TestObserverErrorAndCrash(t *testing.T) {
	const message = "actor: root: f (f.go:1) panicked: out of paper"
	for err, want := range map[string]int{"": 0, message: 0, "disk full": 1} {
		h := observer.Handler(fixed{Path: "root", Err: err, Service: &actor.Info{Crash: &actor.Crash{Message: message}}})
		html := body(t, h, "/")
		if strings.Count(html, "f (f.go:1) panicked: out of paper") != 1 || strings.Count(html, "<div>disk full</div>") != want {
			t.Errorf("%q:\n%s", err, html)
		}
	}
}

// Long texts do not fill the page.
func TestObserverLongTexts(t *testing.T) {
	f := fixed{Path: "root", Err: strings.Repeat("ä", 1001), Service: &actor.Info{
		Crash: &actor.Crash{Message: "actor: root: f (f.go:1) panicked: " + strings.Repeat("ö", 201)},
	}}
	html := body(t, observer.Handler(f), "/")
	if strings.Count(html, "ä") != 1000 || !strings.Contains(html, "ä…<") || strings.Count(html, "ö") != 200 || !strings.Contains(html, "ö…<") {
		t.Errorf("%s", html)
	}
	f.Err, f.Service.Crash.Message = f.Err[2:], "actor: root: f (f.go:1) panicked: "+strings.Repeat("ö", 200)
	if html := body(t, observer.Handler(f), "/"); strings.Contains(html, "…") {
		t.Errorf("%s", html)
	}
}
