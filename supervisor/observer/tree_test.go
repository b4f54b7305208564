package observer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// A tree is shown as it is: restarts against the budget, and the last crash with stack,
// call chain and closures before it.
func TestObserverShowsACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("svc", actor.WithHistory(3))
		h := observer.Handler(tree(t, supervisor.Child{Service: svc}))
		_ = svc.Do(func(c *counter) { c.n++ })
		_ = svc.Do(func(*counter) { outOfPaper() })
		if n, err := actor.Get(t.Context(), svc, func(c *counter) int { return c.n }); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		synctest.Wait()
		html := body(t, h, "/?path=root/svc")
		for _, part := range []string{
			"root/svc", "out of paper", "observer_test.outOfPaper(...)", "and crashed", "<li>observer_test.TestObserverShowsACrash",
		} {
			if !strings.Contains(html, part) {
				t.Errorf("no %s in\n%s", part, html)
			}
		}
		if html = body(t, h, "/"); !strings.Contains(html, `one for one, <span class="quiet">1 of 3 restarts in 5s</span>`) || strings.Contains(html, "outOfPaper(...)") {
			t.Errorf("the tree:\n%s", html)
		}

		r := report(t, h, "/?format=json")
		child := r.Tree.Children[0]
		if r.Tree.Supervisor.Used != 1 || child.Restarts != 1 || child.Service.Incarnation != 2 || child.Service.State != actor.Running {
			t.Errorf("%+v", r.Tree)
		}
		if len(r.Crashes) != 1 || r.Crashes[0].Path != "root/svc" || !strings.Contains(r.Crashes[0].Stack, "outOfPaper(...)") ||
			len(r.Crashes[0].History) != 2 || !r.Crashes[0].History[1].Crashed || child.Service.Crash.Count != 1 {
			t.Errorf("%+v", r.Crashes)
		}
	})
}

func outOfPaper() { panic("out of paper") }

// A service that is stuck, one that does not end, and one whose constructor hangs cannot
// hang the page, and are to be seen on it.
func TestObserverStuckServiceCannotHangIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		stuck := service("stuck")
		root := tree(t, supervisor.Child{Service: stuck},
			supervisor.Child{Name: "deaf", Service: supervisor.Func(func(context.Context) error { <-goOn; return nil })})
		h := observer.Handler(root)
		_ = stuck.Do(func(*counter) { <-goOn })
		_ = stuck.Do(func(*counter) {})
		hanging := actor.New(func(context.Context) (*counter, error) { <-goOn; return build(t.Context()) },
			actor.WithName("hanging"), actor.WithLogger(quiet))
		added := make(chan error, 1)
		go func() { added <- root.Add(t.Context(), supervisor.Child{Service: hanging}) }()
		synctest.Wait()
		body(t, h, "/") // somebody has seen the closure
		time.Sleep(time.Minute)
		begun := time.Now()
		html := body(t, h, "/")
		if d := time.Since(begun); d != 0 {
			t.Errorf("the page took %v", d)
		}
		for _, part := range []string{"TestObserverStuckServiceCannotHangIt.func", "at least 1m0s", `<td data-label="Queue" class="n">1</td>`, "</i>starting", ">deaf<"} {
			if !strings.Contains(html, part) {
				t.Errorf("no %s in\n%s", part, html)
			}
		}
		stopped := make(chan error, 1)
		go func() { stopped <- root.Stop(context.Background()) }()
		time.Sleep(time.Second) // until when the page is the same for all who look
		if html = body(t, h, "/"); !strings.Contains(html, "</i>stopping") {
			t.Errorf("while it stops:\n%s", html)
		}
		close(goOn)
		<-added
		<-stopped
		time.Sleep(time.Second)
		if html = body(t, h, "/"); !strings.Contains(html, "</i>idle<") {
			t.Errorf("afterwards:\n%s", html)
		}
	})
}

// It shows for whom a service waits, and where.
func TestObserverWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		slow, waiting := service("slow"), service("waiting")
		h := observer.Handler(tree(t, supervisor.Child{Service: slow}, supervisor.Child{Service: waiting}))
		_ = slow.Do(func(*counter) { <-goOn })
		_ = waiting.DoContext(t.Context(), func(ctx context.Context, _ *counter) {
			_, _ = actor.Get(ctx, slow, func(c *counter) int { return c.n })
		})
		synctest.Wait()
		if html := body(t, h, "/"); !strings.Contains(html, `<div class="clamp">waits for <a href="?path=root%2Fslow">root/slow</a> <span class="quiet">in observer_test.TestObserverWhoWaits`) ||
			strings.Contains(html, `clamp bad`) {
			t.Errorf("%s", html)
		}
		if w := report(t, h, "/?format=json").Tree.Children[1].Service.WaitsFor; len(w) != 1 || w[0].For != "root/slow" {
			t.Errorf("%+v", w)
		}
		close(goOn)
		synctest.Wait()
	})
}

// What a service waits for outside of the process is no link, and part of no circle, also if
// it goes by the name of a service.
func TestObserverWaitsOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		waiting := service("waiting")
		h := observer.Handler(tree(t, supervisor.Child{Service: waiting}))
		_ = waiting.DoContext(t.Context(), func(ctx context.Context, _ *counter) {
			defer actor.WaitOutside(ctx, "root/waiting")()
			defer actor.WaitOutside(ctx, "ledger.db")()
			<-goOn
		})
		synctest.Wait()
		for _, path := range []string{"/", "/?path=root%2Fwaiting"} {
			html := body(t, h, path)
			for _, part := range []string{"waits for root/waiting (outside) <span", "waits for ledger.db (outside) <span"} {
				if !strings.Contains(html, part) {
					t.Errorf("%s: no %s in\n%s", path, part, html)
				}
			}
			if strings.Contains(html, "waits for it") || strings.Contains(html, "clamp bad") {
				t.Errorf("%s: a circle in\n%s", path, html)
			}
		}
		if html := body(t, h, "/?picture"); strings.Contains(html, "waiting waits for") {
			t.Errorf("%s", html)
		}
		close(goOn)
		synctest.Wait()
	})
}

// A pool is shown as the supervisor that it embeds, its members below it.
func TestObserverMembersOfAPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crew := pool.New(3, build, actor.WithName("pool"), actor.WithLogger(quiet))
		h := observer.Handler(tree(t, supervisor.Child{Service: crew}))
		for range 6 {
			_ = crew.Run(t.Context(), func(c *counter) error { c.n++; return nil })
		}
		synctest.Wait()
		r := report(t, h, "/?format=json").Tree.Children[0]
		if r.Supervisor == nil || len(r.Children) != 3 {
			t.Fatalf("%+v", r)
		}
		html, executed := body(t, h, "/"), uint64(0)
		for _, m := range r.Children {
			executed += m.Service.Executed
			if !strings.Contains(html, ">"+m.Name+"</a>") {
				t.Errorf("no %q in\n%s", m.Name, html)
			}
		}
		if executed != 6 {
			t.Errorf("they have run %d: want 6", executed)
		}
	})
}

// Each member of a pool has a page, with its own last crash.
func TestObserverCrashesOfMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crew := pool.New(3, build, actor.WithName("pool"), actor.WithLogger(quiet))
		h := observer.Handler(tree(t, supervisor.Child{Service: crew}))
		crashed := map[string]bool{}
		for _, m := range crew.Members()[:2] {
			_ = m.Do(func(*counter) { outOfPaper() })
			crashed[m.Name()] = true
		}
		synctest.Wait()
		r := report(t, h, "/?format=json")
		if len(crashed) != 2 || len(r.Crashes) != 2 {
			t.Fatalf("%v: %+v", crashed, r.Crashes)
		}
		for _, c := range r.Crashes {
			if !crashed[c.Path] || !strings.Contains(c.Stack, "outOfPaper(...)") {
				t.Errorf("%+v", c)
			}
			html := body(t, h, "/?path="+c.Path)
			if !strings.Contains(html, "The last crash of "+c.Path) || !strings.Contains(html, "observer_test.outOfPaper(...)") {
				t.Errorf("%s:\n%s", c.Path, html)
			}
			if one := report(t, h, "/?format=json&path="+c.Path); one.Tree.Path != c.Path || len(one.Crashes) != 1 || one.Tree.Service == nil {
				t.Errorf("%+v", one)
			}
		}
		if one := report(t, h, "/?format=json&path=root/pool"); len(one.Crashes) != 2 {
			t.Errorf("the pool: %+v", one.Crashes)
		}
	})
}

// The crash of a function is shown as that of a service is.
func TestObserverCrashOfAFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := observer.Handler(tree(t, supervisor.Child{
			Name: "rash", Backoff: &supervisor.Backoff{Min: time.Hour},
			Service: supervisor.Func(func(context.Context) error { outOfPaper(); return nil }),
		}))
		synctest.Wait()
		html := body(t, h, "/?path=root/rash")
		for _, part := range []string{"The last crash of root/rash", "observer_test.outOfPaper(...)", `<h2 class="headline">out of paper</h2>`} {
			if !strings.Contains(html, part) {
				t.Errorf("no %s in\n%s", part, html)
			}
		}
		if r := report(t, h, "/?format=json"); len(r.Crashes) != 1 || r.Crashes[0].Path != "root/rash" || !strings.Contains(r.Crashes[0].Stack, "outOfPaper(...)") {
			t.Errorf("%+v", r.Crashes)
		}
	})
}

// One can look while the tree changes.
func TestObserverWhileTheTreeChanges(t *testing.T) {
	crew := pool.New(2, build, actor.WithName("pool"), actor.WithLogger(quiet))
	root := tree(t, supervisor.Child{Service: crew})
	h := observer.Handler(root)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 50 {
			svc := service(fmt.Sprint(i))
			if err := root.Add(t.Context(), supervisor.Child{Service: svc, Restart: supervisor.Temporary}); err != nil {
				t.Error(err)
			}
			_ = crew.Do(func(c *counter) { c.n++ })
			if i%2 == 0 {
				_ = svc.Do(func(*counter) { outOfPaper() })
			}
			_ = root.Terminate(t.Context(), fmt.Sprint(i)) // unless it has gone, because it crashed
		}
	}()
	for looking := true; looking; {
		select {
		case <-done:
			looking = false
		default:
		}
		for _, target := range []string{"/", "/?format=json", "/?path=root/pool/0"} {
			if w := ask(h, target); w.Code != 200 && w.Code != 404 {
				t.Errorf("%s: %d: %s", target, w.Code, w.Body)
			}
		}
	}
}

// slowClient is a client that reads nothing until it is told to.
type slowClient struct {
	header http.Header
	read   func()
}

func (c *slowClient) Header() http.Header         { return c.header }
func (c *slowClient) WriteHeader(int)             {}
func (c *slowClient) Write(b []byte) (int, error) { c.read(); return len(b), nil }

// While a client reads, the tree and its services go on, and others look.
func TestObserverHoldsNoLockWhileWriting(t *testing.T) {
	for _, target := range []string{"/", "/?format=json", "/?path=root/svc"} {
		synctest.Test(t, func(t *testing.T) {
			svc := service("svc")
			root := tree(t, supervisor.Child{Service: svc})
			h := observer.Handler(root)
			read := false
			r, _ := http.NewRequest(http.MethodGet, target, nil)
			r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
			h.ServeHTTP(&slowClient{http.Header{}, func() {
				read = true
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				body(t, h, target)
				err := errors.Join(
					svc.Run(ctx, func(*counter) error { return nil }),
					root.Add(ctx, supervisor.Child{Service: service("another")}),
					root.Terminate(ctx, "another"),
					root.Stop(ctx),
				)
				if err != nil {
					t.Error(err)
				}
			}}, r)
			if !read {
				t.Error("nothing was written")
			}
		})
	}
}

// A tree that has not been started has a page as well.
func TestObserverTreeThatIsNotStarted(t *testing.T) {
	root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: service("svc")}}})
	if html := body(t, observer.Handler(root), "/"); !strings.Contains(html, "</i>idle<") || !strings.Contains(html, "The tree does not run") {
		t.Errorf("%s", html)
	}
}
