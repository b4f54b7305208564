package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
	"github.com/bruskajp/nano_services/supervisor/observer"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

type shelf struct{ books int }

func build(context.Context) (*shelf, error) { return new(shelf), nil }

// library is a tree in which everything happens that the page shows.
type library struct {
	tree                        *supervisor.Supervisor
	desk, waiter, stuck, paused *actor.Service[shelf]
	free                        chan struct{}
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	options := func(name string) []actor.Option {
		return []actor.Option{actor.WithName(name), actor.WithLogger(quiet), actor.WithTimes(), actor.WithHistory(8), actor.WithCapacity(100)}
	}
	named := func(name string) *actor.Service[shelf] { return actor.New(build, options(name)...) }
	l := &library{desk: named("desk"), waiter: named("waiter"), stuck: named("stuck"), paused: named("paused"), free: make(chan struct{})}
	deep := supervisor.New("a-supervisor-with-a-name-that-is-longer-than-a-column", supervisor.Spec{Children: []supervisor.Child{
		{Service: named("a-service-whose-name-is-long-and-has-no-place-to-break-it-but-itself")},
		{Service: named("turned\u202eround\xff")},
	}})
	l.tree = supervisor.New("library", supervisor.Spec{Logger: quiet, MaxRestarts: 20, Children: []supervisor.Child{
		{Service: l.desk}, {Service: l.waiter}, {Service: l.stuck}, {Service: l.paused}, {Service: deep},
		{Service: pool.New(3, build, options("readers")...)},
		{Service: httpserver.New(&http.Server{Addr: "127.0.0.1:0", Handler: http.NotFoundHandler()})},
		{Name: "clock", Service: supervisor.Func(func(ctx context.Context) error { <-ctx.Done(); return nil })},
		{Name: "broken", Service: supervisor.Func(func(context.Context) error { return errors.New("no route to host") }),
			Backoff: &supervisor.Backoff{Min: time.Hour}},
	}})
	if err := l.tree.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		close(l.free)
		if err := l.tree.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l
}

// work has the services do something: one crashes, one is stuck, one waits for that.
func (l *library) work(t *testing.T) {
	t.Helper()
	for range 30 {
		if err := l.desk.Run(t.Context(), func(s *shelf) error { s.books++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	_ = l.desk.Do(func(*shelf) { panic("a book of 1000 pages has fallen off the shelf") })
	_ = l.stuck.Do(func(*shelf) { <-l.free })
	_ = l.waiter.DoContext(context.Background(), func(ctx context.Context, _ *shelf) {
		_, _ = actor.Get(ctx, l.stuck, func(s *shelf) int { return s.books })
	})
	if err := l.paused.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// scheme has the browser prefer dark or light.
func scheme(name string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	})
}

// unlabelled is what of a table has a number in it and no name: above its column, or beside it
// where each row is a card.
const unlabelled = `[...document.querySelectorAll("#rows td")].filter(td => {
	if (td.closest(".remark") || !/[0-9]/.test(td.textContent)) return false;
	const card = getComputedStyle(td).display === "block";
	if (card) return !/[a-z]/i.test(getComputedStyle(td, "::before").content.replace("none", ""));
	return !document.querySelectorAll("thead th")[td.cellIndex]?.textContent.trim();
}).map(td => td.textContent)`

// The pages of a tree, at the widths of a laptop, a larger one and a phone, light and dark:
// nothing is wider than the window, no number is without its name, and axe finds nothing
// serious.
func TestObserverLooks(t *testing.T) {
	axe := axe(t)
	l := newLibrary(t)
	l.work(t)
	server := httptest.NewServer(observer.Handler(l.tree))
	t.Cleanup(server.Close)
	page := tab(t, browser(t))
	for name, query := range map[string]string{
		"tree": "", "service": "?path=library/desk", "waiter": "?path=library/waiter", "picture": "?view=picture", "sorted": "?sort=queue",
		"found": "?q=read", "part": "?path=library/readers", "gone": "?path=library/gone", "function": "?path=library/clock",
	} {
		do(t, page, name, chromedp.Navigate(server.URL+"/"+query), until(`document.querySelector("main")`))
		if name != "gone" {
			do(t, page, name, until(`document.getElementById("live").textContent === "live"`))
		}
		for _, dark := range []string{"light", "dark"} {
			do(t, page, name, scheme(dark))
			for _, width := range []int64{1280, 1440, 390} {
				what := fmt.Sprintf("observer-%s-%s", name, dark)
				if wide := picture(t, page, what, width); wide > width {
					t.Errorf("%s: the page is %d pixels wide, and the window %d", what, wide, width)
				}
				for _, text := range get(t, page, what, chromedp.Evaluate[[]string](unlabelled)) {
					t.Errorf("%s at %d: %q has no name", what, width, text)
				}
				for _, found := range violations(t, page, what, axe) {
					t.Errorf("%s at %d: %s", what, width, found)
				}
			}
		}
	}
}

// A page follows a crash without being loaded again, and leaves alone what has the focus.
func TestObserverFollowsACrash(t *testing.T) {
	l := newLibrary(t)
	server := httptest.NewServer(observer.Handler(l.tree))
	t.Cleanup(server.Close)
	ctx := browser(t)
	table, service := tab(t, ctx), tab(t, ctx)
	open := func(page context.Context, query string) {
		do(t, page, query, chromedp.Navigate(server.URL+"/"+query), until(`document.getElementById("live").textContent === "live"`),
			chromedp.Evaluate[chromedp.Void](`window.sameLoad = true; document.querySelector("nav a").focus(); window.focused = document.activeElement; void 0`))
	}
	stays := func(page context.Context, query string) {
		if !get(t, page, query, chromedp.Evaluate[bool](`window.sameLoad === true && document.activeElement === window.focused`)) {
			t.Errorf("%s: the page was loaded again, or has lost the focus", query)
		}
	}
	open(table, "")
	l.work(t)
	do(t, table, "", until(`[...document.querySelectorAll("#rows tr")].some(tr => tr.textContent.includes("desk") && tr.textContent.includes("has fallen off the shelf"))`),
		until(`document.getElementById("well").textContent.includes("crashed or failed in the last minute")`))
	stays(table, "")
	open(service, "?path=library/desk")
	do(t, service, "desk", chromedp.Evaluate[chromedp.Void](`document.querySelector("#crash details").open = true; void 0`))
	_ = l.desk.Do(func(*shelf) { panic("and another one") })
	do(t, service, "desk", until(`document.querySelector("#crash .headline")?.textContent === "and another one"`))
	stays(service, "desk")
	if !get(t, service, "desk", chromedp.Evaluate[bool](`document.querySelector("#crash details").open`)) {
		t.Error("what was opened has been closed")
	}
}

// The end of a program does not wait for pages that are open: those are told.
func TestObserverEndWithOpenPages(t *testing.T) {
	program, url, lines := begin(t, "ledger", "-addr", "127.0.0.1:0", "-chaos", "0", "-log", "off")
	ctx := browser(t)
	pages := []context.Context{tab(t, ctx), tab(t, ctx)}
	for _, page := range pages {
		do(t, page, "open", chromedp.Navigate(url+"debug/services"), until(`document.getElementById("live").textContent === "live"`))
	}
	begun := time.Now()
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, lines)
	err := program.Wait()
	took := time.Since(begun)
	t.Logf("it took %v", took)
	if err != nil || took > supervisor.DefaultShutdown*9/10 { // when a server cuts off what is under way
		t.Errorf("it ended after %v: %v", took, err)
	}
	for _, page := range pages {
		do(t, page, "the end", until(`document.getElementById("live").textContent.startsWith("not live")`))
	}
}
