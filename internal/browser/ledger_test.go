package browser

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab opens a tab of a browser without a window. What the page's scripts throw is an
// error of the test.
func tab(t *testing.T, ctx context.Context) context.Context {
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	err := chromedp.Listen(ctx, func(event any) {
		if thrown, ok := event.(*runtime.EventExceptionThrown); ok {
			t.Errorf("a script: %+v", thrown.ExceptionDetails)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

func browser(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.WindowSize(1280, 900))
	if os.Geteuid() == 0 { // for root, it has no sandbox
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	return ctx
}

// do is some actions in a tab.
func do(t *testing.T, ctx context.Context, what string, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// get is an action that returns something.
func get[R any](t *testing.T, ctx context.Context, what string, action chromedp.Action[R]) R {
	t.Helper()
	r, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return r
}

// until waits for a condition in JavaScript.
func until(condition string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(20*time.Second))
}

// reloaded waits for a condition on a page that is loaded again meanwhile, which ends each
// wait.
func reloaded(t *testing.T, ctx context.Context, condition string) {
	t.Helper()
	for {
		err := chromedp.Do(ctx, until(condition))
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%s: %v", condition, err)
		}
	}
}

// balance waits for the balance of an account.
func balance(id, want string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`document.querySelector('[data-account="%s"] .amount')?.textContent === %q`, id, want))
}

// fill submits a form with values, which stand for what is there.
func fill(form string, values ...string) chromedp.Action[chromedp.Void] {
	var steps []chromedp.Action[chromedp.Void]
	for i := 0; i < len(values); i += 2 {
		steps = append(steps, chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`#%s [name="%s"]`, form, values[i])), values[i+1]))
	}
	button := fmt.Sprintf("#%s button", form)
	return chromedp.Steps(append(steps, chromedp.Click(chromedp.CSS(button)), until(fmt.Sprintf("!document.querySelector('%s').disabled", button)))...)
}

// picture takes one of the whole page, at a width, and returns how wide the page is.
func picture(t *testing.T, ctx context.Context, name string, width int64) (wide int64) {
	t.Helper()
	do(t, ctx, name, chromedp.EmulateViewport(width, 900))
	png := get(t, ctx, name, chromedp.FullScreenshot(100))
	if *screenshots != "" {
		if err := os.WriteFile(filepath.Join(*screenshots, fmt.Sprintf("%s-%d.png", name, width)), png, 0o600); err != nil {
			t.Error(err)
		}
	}
	return get(t, ctx, name, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
}

// What users do on the page of the ledger, also while the store crashes.
func TestLedger(t *testing.T) {
	ctx := browser(t)
	url := start(t, "ledger", "-addr", "127.0.0.1:0", "-chaos", "0", "-log", "off")
	page := tab(t, ctx)
	do(t, page, "open", chromedp.Navigate(url), until(`document.getElementById("live").textContent === "live"`),
		chromedp.Evaluate[chromedp.Void](`window.sameLoad = true`))
	do(t, page, "accounts", fill("open", "id", "ada", "balance", "100.00"), balance("ada", "100.00"),
		fill("open", "id", "bob", "balance", "0"), balance("bob", "0.00"))
	do(t, page, "transfer", fill("transfer", "from", "ada", "to", "bob", "amount", "12.50"), balance("ada", "87.50"), balance("bob", "12.50"))

	do(t, page, "overdraft", fill("transfer", "from", "bob", "to", "ada", "amount", "12.51"), until(`!document.getElementById("message").hidden`),
		balance("bob", "12.50"))
	if refused := get(t, page, "message", chromedp.Text(chromedp.CSS("#message"))); !strings.Contains(refused, "not enough") {
		t.Errorf("an overdraft: %q", refused)
	}
	picture(t, page, "refused", 1280)

	// Another browser's transfer is seen as well.
	other := tab(t, page)
	do(t, other, "another tab", chromedp.Navigate(url), balance("bob", "12.50"))
	do(t, other, "transfer in another tab", fill("transfer", "from", "bob", "to", "ada", "amount", "2,5"))
	do(t, page, "see it", balance("ada", "90.00"), balance("bob", "10.00"))

	// The tree's page turns when the store crashes, and shows that it is back. It is loaded
	// again by the browser itself.
	tree := tab(t, page)
	do(t, tree, "tree", chromedp.Navigate(url+"debug/services?path=ledger/database/store&refresh=1"),
		until(`document.body.textContent.includes("store") && !document.body.textContent.includes("chaos")`))
	do(t, page, "crash", chromedp.SetValue(chromedp.CSS(`#crash [name="name"]`), "store"), chromedp.Click(chromedp.CSS("#crash button")),
		until(`document.getElementById("crashed").textContent.includes("store has crashed, and is back")`))
	reloaded(t, tree, `document.body.textContent.includes("chaos") && /\bup\b/.test(document.body.textContent)`)
	picture(t, tree, "tree", 1280)

	do(t, page, "after the crash", fill("transfer", "from", "ada", "to", "bob", "amount", "1000000"),
		fill("transfer", "from", "ada", "to", "bob", "amount", "0.01"), balance("ada", "89.99"))
	if !get(t, page, "the same page", chromedp.Evaluate[bool](`window.sameLoad === true`)) {
		t.Error("the page was loaded again")
	}
	picture(t, tree, "tree", 390)
	for _, width := range []int64{1280, 390} {
		if wide := picture(t, page, "ledger", width); wide > width {
			t.Errorf("the page is %d pixels wide, and the window %d", wide, width)
		}
	}
}

// A page that is loaded while the ledger refuses says so, and goes on by itself when that
// is over.
func TestLedgerIsOverloaded(t *testing.T) {
	ctx := browser(t)
	ledger, err := url.Parse(start(t, "ledger", "-addr", "127.0.0.1:0", "-chaos", "0", "-log", "off"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(ledger)
	var overloaded atomic.Bool
	overloaded.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if overloaded.Load() && (strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/chaos") {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, `{"detail":"come later"}`)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	page := tab(t, ctx)
	do(t, page, "refused", chromedp.Navigate(server.URL), until(`document.getElementById("message").textContent === "come later"`))
	overloaded.Store(false)
	do(t, page, "served", until(`document.getElementById("live").textContent === "live"`),
		until(`document.getElementById("message").hidden && !document.getElementById("chaos").hidden`))
}
