package observer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

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
		Supervisor: &supervisor.Budget{Strategy: "rest for one", Max: 3, Period: 5 * time.Second, Used: 1,
			Crashes: []time.Time{start, start.Add(time.Hour), time.Now().Add(-30 * time.Second)}},
		Children: []supervisor.Node{
			{Name: "db", Path: "shop/db", State: "up", Since: start, Restart: "permanent", Service: &actor.Info{
				Name: "shop/db", State: actor.Running, Incarnation: 1, Accepted: 12, Executed: 5, Queued: 6, High: 40, Running: 1,
				Closure: &actor.RunningClosure{Func: "example.com/shop.(*Orders).Buy.func1", File: "/src/shop/orders.go", Line: 41, Age: 1234567 * time.Microsecond},
				Waits:   h, Runs: h,
				WaitsFor: []actor.WaitsFor{{Service: "shop/db", For: "shop/orders", Site: "shop.(*DB).Load db.go:9"}},
			}},
			{Name: "orders", Path: "shop/orders", State: "up", Since: start, Restart: "permanent", Restarts: 2, Err: "<out of paper>", Service: &actor.Info{
				Name: "shop/orders", State: actor.Running, Incarnation: 3, Paused: true, Dead: 1, Skipped: 2, Refused: 3,
				Capacity: 64, Overflow: "reject", OnRestart: "fail", Timers: 2, Watchers: 1,
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
			{Name: "http", Path: "shop/http", State: "up", Since: start, Restart: "permanent",
				Requests: &supervisor.Requests{Addr: "127.0.0.1:8080", UnderWay: 2, Oldest: "GET /a, GET /b"}},
			{Name: "mail", Path: "shop/mail", State: "up", Since: start, Restart: "permanent", Func: "shop.mail mail.go:7"},
			{Name: "old", Path: "shop/old", State: "exited", Since: start, Restart: "transient", Service: &actor.Info{State: actor.Ended}},
		},
	}
}

const pollCrash = "actor: shop/back/poll: shop.poll (poll.go:3) panicked: no answer"

// The pages are as they were when somebody last looked at them.
func TestObserverPage(t *testing.T) {
	pages := map[string]string{
		"tree.html": "/", "picture.html": "/?view=picture", "found.html": "/?q=SHOP/B&sort=queue", "folded.html": "/?fold=shop/billing", "service.html": "/?path=shop/orders", "part.html": "/?path=shop/back&refresh=5",
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
			got = settled.ReplaceAllString(got, "$1$3")
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

// settled is a page without the style and the script, which are files of their own.
var settled = regexp.MustCompile(`(?s)(<(style|script)>).*?(</(style|script)>)`)

// Services that wait for each other are red, and those that only wait are not.
func TestObserverCyclesAreRed(t *testing.T) {
	html := body(t, observer.Handler(shop()), "/")
	for part, want := range map[string]bool{
		`These services wait for each other`:                                                           true,
		`<div class="clamp bad">waits for <a href="?path=shop%2Fdb">`:                                  true,
		`<div class="clamp bad">waits for <a href="?path=shop%2Forders">`:                              true,
		`<div class="clamp bad">waits for <a href="?path=shop%2Fbilling">`:                             false,
		`href="?path=shop%2Fdb" class="bad">db</a>`:                                                    true,
		`href="?path=shop%2Forders" class="bad">orders</a>`:                                            true,
		`href="?path=shop%2Fbilling" class="bad">billing</a>`:                                          false,
		`<div class="clamp">waits for <a href="?path=shop%2Fbilling">shop/billing</a> <span class="qu`: true,
	} {
		if strings.Contains(html, part) != want {
			t.Errorf("%s: not %t in\n%s", part, want, html)
		}
	}
}

// What comes from outside is text, not HTML, and in no name is there anything that cannot be
// seen or that turns the text around it about.
func TestObserverEscapes(t *testing.T) {
	for _, evil := range []string{`<script>alert(1)</script>"'&`, "a\u202eb\xff\u200b\x00c", "javascript:alert(1)"} {
		service := supervisor.Node{Name: evil, Path: "root/" + evil, State: evil, Err: evil, Func: evil, Service: &actor.Info{
			Name:     evil,
			Closure:  &actor.RunningClosure{Func: evil, File: evil, Age: time.Minute},
			WaitsFor: []actor.WaitsFor{{Service: evil, For: evil, Site: evil}, {Service: evil, For: "root", Site: evil}},
			Crash:    &actor.Crash{Message: evil, Func: evil, File: evil, Err: &actor.PanicError{Service: evil}},
		}}
		server := supervisor.Node{Name: evil + "2", Path: evil + "2", Requests: &supervisor.Requests{Addr: evil, UnderWay: 1, Oldest: evil}}
		h := observer.Handler(fixed{Name: evil, Path: "root", State: evil, Children: []supervisor.Node{service, server}})
		path := url.QueryEscape("root/" + evil)
		for _, target := range []string{
			"/", "/?path=" + path, "/?path=" + url.QueryEscape(evil+"2"), "/?view=picture", "/?q=" + url.QueryEscape(evil), "/?sort=name", "/?fold=" + path,
		} {
			html := settled.ReplaceAllString(body(t, h, target), "")
			if strings.Contains(html, "<script>alert") || strings.ContainsAny(html, "\u202e\u200b\x00") || !utf8.ValidString(html) ||
				strings.Contains(html, `href="javascript:`) {
				t.Errorf("%q: %s: %s", evil, target, html)
			}
		}
		r := report(t, h, "/?format=json&path="+path)
		if again := report(t, h, "/?format=json&path="+url.QueryEscape(r.Tree.Path)); again.Tree.Path != r.Tree.Path {
			t.Errorf("%q: the path that JSON gives leads to %q", r.Tree.Path, again.Tree.Path)
		}
	}
	for accept, kind := range map[string]string{"": "text/plain; charset=utf-8", "text/html,*/*": "text/html; charset=utf-8"} {
		w := ask(observer.Handler(fixed{Path: "root"}), "/?path=%3Cscript%3Ealert", func(r *http.Request) { r.Header.Set("Accept", accept) })
		if w.Code != 404 || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Content-Type") != kind ||
			kind[5] == 'h' && strings.Contains(w.Body.String(), "<script>alert") {
			t.Errorf("%d %v: %s", w.Code, w.Header(), w.Body)
		}
	}
}

// Who asks with a browser for what is not there, or may not look, gets a page with a way back.
func TestObserverRefusalsAreAPage(t *testing.T) {
	h := observer.Handler(fixed{Path: "root"})
	browser := func(r *http.Request) { r.Header.Set("Accept", "text/html") }
	for target, want := range map[string]struct {
		code int
		part string
	}{
		"/?path=gone":    {404, `<p>The tree has no &#34;gone&#34;.</p>` + "\n" + `<p><a href="?">Back to the tree</a></p>`},
		"/?sort=luck":    {400, `<a href="?">Back to the tree</a>`},
		"/?path=x&away=": {403, `<a href="?path=x&amp;away=">Try again</a>`},
	} {
		w := ask(h, target, browser, func(r *http.Request) {
			if want.code == 403 {
				r.RemoteAddr = "192.0.2.1:1"
			}
		})
		if w.Code != want.code || !strings.Contains(w.Body.String(), want.part) || !strings.Contains(w.Body.String(), "<style>") {
			t.Errorf("%s: %d: %s", target, w.Code, w.Body)
		}
	}
}

// What browsers, and what is between them and the page, may do with it.
func TestObserverHeaders(t *testing.T) {
	h := observer.Handler(fixed{Path: "root"})
	hashed := regexp.MustCompile(`^default-src 'none'; style-src 'sha256-[^ ]{43}='; script-src 'sha256-[^ ]{43}='; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$`)
	for target, kind := range map[string]string{
		"/": "text/html; charset=utf-8", "/?format=json": "application/json", "/?path=nobody": "text/plain; charset=utf-8",
	} {
		for name, want := range map[string]string{
			"Content-Type":           kind,
			"Cache-Control":          "no-store",
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "no-referrer",
		} {
			if got := ask(h, target).Header().Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", target, name, got, want)
			}
		}
		if got := ask(h, target).Header().Get("Content-Security-Policy"); !hashed.MatchString(got) {
			t.Errorf("%s: %s", target, got)
		}
	}
	html := body(t, h, "/")
	for name, tag := range map[string]string{"style-src": "style", "script-src": "script"} {
		_, after, _ := strings.Cut(html, "<"+tag+">")
		text, _, _ := strings.Cut(after, "</"+tag+">")
		sum := sha256.Sum256([]byte(text))
		if want := name + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(ask(h, "/").Header().Get("Content-Security-Policy"), want) {
			t.Errorf("the %s of the page is not the one that may be used: %s", tag, want)
		}
	}
	if strings.Contains(html, " style=") || strings.Contains(html, " onclick=") {
		t.Errorf("what the policy forbids:\n%s", html)
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
		`<a href="?refresh=7">Whole tree</a>`,
		`<a href="?path=shop%2Fold&amp;refresh=7">old</a>`,
		`waits for <a href="?path=shop%2Fbilling&amp;refresh=7">`,
		`<li><a href="?path=shop%2Fdb&amp;refresh=7">shop/db</a>`,
		`<a href="?path=shop%2Forders&amp;refresh=7">&lt;out of paper&gt;</a>`,
		`<a href="?path=shop&amp;refresh=7&amp;view=picture">Picture</a>`,
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
	const message = "actor: root/svc: f (f.go:1) panicked: out of paper"
	for err, want := range map[string]int{"": 0, message: 0, "disk full": 1} {
		svc := supervisor.Node{Path: "root/svc", Err: err, Service: &actor.Info{Crash: &actor.Crash{Message: message, File: "f.go", Line: 1}}}
		html := body(t, observer.Handler(fixed{Path: "root", Children: []supervisor.Node{svc}}), "/")
		if strings.Count(html, ">out of paper<") != 1 || strings.Count(html, `<div class="clamp">disk full</div>`) != want {
			t.Errorf("%q:\n%s", err, html)
		}
	}
}

// Long texts do not fill the page.
func TestObserverLongTexts(t *testing.T) {
	svc := supervisor.Node{Path: "root/svc", State: "exited", Err: strings.Repeat("ä", 1001), Service: &actor.Info{
		Crash: &actor.Crash{Message: "actor: root/svc: f (f.go:1) panicked: " + strings.Repeat("ö", 201), File: "f.go", Line: 1},
	}}
	page := func() string {
		return body(t, observer.Handler(fixed{Path: "root", Children: []supervisor.Node{svc}}), "/")
	}
	html := page()
	if strings.Count(html, "ä") != 1000+100 || !strings.Contains(html, "ä…<") || strings.Count(html, "ö") != 200 || !strings.Contains(html, "ö…<") {
		t.Errorf("%s", html)
	}
	svc.Err, svc.Service.Crash.Message = strings.Repeat("ä", 100), "actor: root/svc: f (f.go:1) panicked: "+strings.Repeat("ö", 200)
	if html := page(); strings.Contains(html, "…") {
		t.Errorf("%s", html)
	}
}
