package observer_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

// watched counts how often it is looked at.
type watched struct {
	supervisor.Node
	looks atomic.Int64
	look  func() // may be nil
}

func (w *watched) Snapshot() supervisor.Node {
	w.looks.Add(1)
	if w.look != nil {
		w.look()
	}
	return w.Node
}

// Samples are taken while someone looks and for a minute afterwards, one a second for all who
// look, and none before and after that.
func TestObserverSamplesWhileSomeoneLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := &watched{Node: supervisor.Node{Path: "root", State: "up"}}
		h := observer.Handler(tree)
		expect := func(what string, least, most int64) {
			t.Helper()
			synctest.Wait()
			if n := tree.looks.Swap(0); n < least || n > most {
				t.Errorf("%s: %d looks, want %d to %d", what, n, least, most)
			}
		}
		time.Sleep(time.Hour)
		expect("before", 0, 0)
		var all sync.WaitGroup
		for _, target := range []string{"/", "/?format=json", "/?path=root", "/?view=picture", "/", "/"} {
			all.Go(func() { ask(h, target) })
		}
		all.Wait()
		expect("six at once", 1, 1)
		time.Sleep(10*time.Second + time.Millisecond)
		expect("afterwards", 9, 11)
		body(t, h, "/")
		expect("while samples are taken", 0, 1)
		time.Sleep(time.Hour)
		expect("until a minute is over", 58, 62)
		body(t, h, "/")
		expect("again", 1, 1)
		time.Sleep(time.Hour)
	})
}

// A tree that takes long is looked at less often: not more than a twentieth of the time.
func TestObserverSamplesAreATwentiethOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := &watched{Node: supervisor.Node{Path: "root", State: "up"}, look: func() { time.Sleep(200 * time.Millisecond) }}
		body(t, observer.Handler(tree), "/")
		time.Sleep(time.Hour)
		if n := tree.looks.Load(); n < 12 || n > 17 { // in the minute that follows
			t.Errorf("%d looks", n)
		}
	})
}

// What a Snapshot of the user's does is the error of who looks, and ends nothing else.
func TestObserverSnapshotThatFails(t *testing.T) {
	for name, look := range map[string]func(){
		"panics": func() { panic("no") }, "exits": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			tree := &watched{Node: supervisor.Node{Path: "root", State: "up"}}
			h := observer.Handler(tree)
			var fails atomic.Bool
			tree.look = func() {
				if fails.Load() {
					look()
				}
			}
			body(t, h, "/")
			fails.Store(true)
			time.Sleep(5500 * time.Millisecond) // samples are taken meanwhile, of which the page shows the last
			if w := ask(h, "/"); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "the Snapshot of the tree") {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
			fails.Store(false)
			time.Sleep(2 * time.Second)
			body(t, h, "/")
			time.Sleep(time.Hour)
		})
	}
}

// Who waits for a sample that another takes may go before it is there.
func TestObserverWhoWaitsForASampleMayGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := &watched{Node: supervisor.Node{Path: "root"}, look: func() { time.Sleep(time.Minute) }}
		h := observer.Handler(tree)
		go ask(h, "/")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		w := ask(h, "/", func(r *http.Request) { *r = *r.WithContext(ctx) })
		if took := time.Since(begun); w.Code == 200 || took != time.Second {
			t.Errorf("%d after %v", w.Code, took)
		}
		time.Sleep(time.Hour)
	})
}

// A live page of a tree that cannot be looked at is told why, and ends.
func TestObserverLivePageOfATreeThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := &watched{Node: supervisor.Node{Path: "root"}, look: func() { panic("no") }}
		w := ask(observer.Handler(tree), "/?format=events")
		if w.Body.String() != "event: end\ndata: \"the Snapshot of the tree panicked with a string\"\n\n" {
			t.Errorf("%s", w.Body)
		}
		time.Sleep(time.Hour)
	})
}

// The rate is of the last ten seconds, or of what is known; of another service by the same
// name nothing is known.
func TestObserverRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var executed atomic.Uint64
		tree := &watched{Node: supervisor.Node{Path: "root", State: "up"}}
		tree.look = func() {
			i := &actor.Info{State: actor.Running, Executed: executed.Load()}
			tree.Children = []supervisor.Node{{Name: "svc", Path: "root/svc", State: "up", Service: i}}
		}
		h := observer.Handler(tree)
		rate := func() string {
			html := body(t, h, "/?q=svc")
			_, after, _ := strings.Cut(html, `data-label="Rate" class="n">`)
			text, _, _ := strings.Cut(after, "<")
			return text
		}
		expect := func(want string) {
			t.Helper()
			if got := rate(); got != want {
				t.Errorf("%s after %d: want %s", got, executed.Load(), want)
			}
		}
		run := func(perSecond uint64, d time.Duration) {
			for range d / time.Second {
				executed.Add(perSecond)
				time.Sleep(time.Second)
			}
		}
		expect("")
		time.Sleep(time.Second / 2) // between two samples
		run(5, 3*time.Second)
		expect("5.0")
		run(20, 5*time.Second)
		run(20, 5*time.Second)
		expect("20")
		run(1234, 15*time.Second)
		expect("1\u202f234")
		run(0, 5*time.Second)
		expect("617")
		run(0, 10*time.Second)
		expect("0")
		executed.Store(3)
		time.Sleep(time.Second)
		expect("")
		run(2, 2*time.Second)
		expect("2.0")
		html := body(t, h, "/?path=root/svc")
		for _, part := range []string{"Rate: closures a second: now 2.0, at most 2.0 in the last", "<polyline points="} {
			if !strings.Contains(html, part) {
				t.Errorf("no %s in\n%s", part, html)
			}
		}
		time.Sleep(time.Hour)
		expect("") // the samples have been dropped
		time.Sleep(time.Hour)
	})
}

// Services that come and go leave nothing behind where samples are kept.
func TestObserverForgetsServicesThatAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := &watched{Node: supervisor.Node{Path: "root", State: "up"}}
		n := 0
		tree.look = func() {
			n++
			path := fmt.Sprintf("root/%d", n)
			tree.Children = []supervisor.Node{{Name: path, Path: path, State: "up", Service: &actor.Info{State: actor.Running, Executed: uint64(n)}}}
		}
		h := observer.Handler(tree)
		for range 300 {
			body(t, h, "/")
			time.Sleep(time.Second)
		}
		if n := observer.Tracks(h); n > 61 {
			t.Errorf("%d services are kept", n)
		}
	})
}

// A page that cannot be made is no half of one: the answer says why.
func TestObserverPageThatCannotBeMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observer.Handler(&watched{Node: supervisor.Node{Path: "root", State: "up"}, look: func() {}})
		restore := observer.WithoutTemplates()
		w := ask(h, "/")
		restore()
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "undefined") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		body(t, h, "/")
		time.Sleep(time.Hour)
	})
}
