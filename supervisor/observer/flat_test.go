package observer_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

// names are the names of the rows of a page.
func names(html string) string {
	var all []string
	for _, m := range regexp.MustCompile(`<th scope="row"[^>]*>.*<a href="[^"]*"[^>]*>([^<]*)</a></th>`).FindAllStringSubmatch(html, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, " ")
}

// Children are found by a part of their paths, whatever the case, and sorted by what is asked
// for, the largest first: then without the shape of the tree. What is folded is left out.
func TestObserverFindsSortsAndFolds(t *testing.T) {
	now := time.Now()
	service := func(path string, queued int, p99 time.Duration, crash time.Duration) supervisor.Node {
		i := &actor.Info{State: actor.Running, Queued: queued, Runs: actor.Histogram{Count: 1, Max: p99, Buckets: []actor.Bucket{{UpTo: p99, Count: 1}}}}
		if crash > 0 {
			i.Crash = &actor.Crash{Time: now.Add(-crash)}
		}
		return supervisor.Node{Name: path[strings.LastIndexByte(path, '/')+1:], Path: path, State: "up", Service: i}
	}
	a, b, c := service("r/s/a", 1, 3, time.Hour), service("r/s/b", 3, 2, time.Minute), service("r/c", 2, 4, 0)
	b.State = "waiting"
	h := observer.Handler(fixed{Name: "r", Path: "r", State: "up", Children: []supervisor.Node{
		{Name: "s", Path: "r/s", State: "up", Children: []supervisor.Node{a, b}, Supervisor: &supervisor.Budget{Max: 3}}, c,
	}})
	for target, want := range map[string]string{
		"/":                        "r s a b c",
		"/?q=R/S":                  "r/s r/s/a r/s/b",
		"/?q=nothing":              "",
		"/?q=s/&sort=queue":        "r/s/b r/s/a",
		"/?sort=queue":             "r r/s r/s/b r/c r/s/a",
		"/?sort=p99":               "r/c r/s/a r/s/b r r/s",
		"/?sort=crash":             "r/s/b r/s/a r r/s r/c",
		"/?sort=state":             "r/s/b r r/s r/s/a r/c",
		"/?sort=name":              "r r/c r/s r/s/a r/s/b",
		"/?sort=rate":              "r r/s r/s/a r/s/b r/c",
		"/?fold=r/s":               "r s c",
		"/?fold=r":                 "r",
		"/?fold=r/s&path=r/s":      "s",
		"/?fold=gone":              "r s a b c",
		"/?fold=r/s&sort=name&q=a": "r/s/a",
	} {
		if got := names(body(t, h, target)); got != want {
			t.Errorf("%s: %s: want %s", target, got, want)
		}
	}
	html := body(t, h, "/?fold=r/s&all=1")
	for _, part := range []string{
		`href="?all=1" aria-label="unfold r/s">▸</a>`, `href="?all=1&amp;fold=r%2Fs&amp;fold=r" aria-label="fold r">▾</a>`, "1 up, 1 waiting", "show the tree as it is",
	} {
		if !strings.Contains(html, part) {
			t.Errorf("no %s in\n%s", part, html)
		}
	}
	if html := settled.ReplaceAllString(body(t, h, "/?q=s&sort=queue"), ""); !strings.Contains(html, "3 children found") ||
		!strings.Contains(html, `<th scope="col" class="n" aria-sort="descending"`) || strings.Count(html, "aria-sort") != 1 {
		t.Errorf("what was looked for:\n%s", html)
	}
}

// Of more nodes than a picture may have it shows the supervisors, and each has a picture of its
// own.
func TestObserverPictures(t *testing.T) {
	small, large := many("small", 199), supervisor.Node{Name: "large", Path: "large", State: "up", Supervisor: &supervisor.Budget{Max: 3}}
	for _, name := range []string{"large/a", "large/b"} {
		part := many(name, 100)
		part.Supervisor = &supervisor.Budget{Max: 3}
		large.Children = append(large.Children, part)
	}
	for name, tt := range map[string]struct {
		tree  supervisor.Node
		boxes int
		part  string
	}{
		"200": {small, 200, `aria-label="200 children"`},
		"203": {large, 3, `href="?path=large%2Fa&amp;view=picture"`},
		"one": {supervisor.Node{Name: "root", Path: "root"}, 1, `aria-label="1 child"`},
	} {
		html := body(t, observer.Handler(fixed(tt.tree)), "/?view=picture")
		if n := strings.Count(html, "<rect "); n != tt.boxes || !strings.Contains(html, tt.part) ||
			strings.Contains(html, "a picture has at most 200") != (name == "203") {
			t.Errorf("%s: %d boxes:\n%s", name, n, html)
		}
	}
	html := body(t, observer.Handler(shop()), "/?view=picture")
	for part, want := range map[string]int{`class="waits bad"`: 2, `class="waits"`: 1, "shop/db waits for shop/orders, in a circle": 1, "shop/orders waits for shop/billing<": 2} {
		if n := strings.Count(html, part); n != want {
			t.Errorf("%d times %s, want %d, in\n%s", n, part, want, html)
		}
	}
}
