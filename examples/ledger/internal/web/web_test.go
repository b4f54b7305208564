package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/audit"
	"github.com/bruskajp/nano_services/examples/ledger/internal/reports"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// fake is what a site is given in tests: books in memory, which need no service.
type fake struct {
	Services
	db    *store.MemoryDatabase
	write *store.Memory

	mu  sync.Mutex
	err error // what Transfer returns
}

func newFake() *fake {
	f := &fake{db: store.NewMemoryDatabase()}
	f.write = store.NewMemory(f.db, func(store.Transfer) {})
	f.Services = Services{
		Open: func(_ context.Context, o store.Opening) (store.Answer[store.Account], error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			a, err := f.write.Open(o)
			return a, errors.Join(err, f.write.Commit())
		},
		Transfer: func(_ context.Context, o store.Order) (store.Answer[store.Transfer], error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.err != nil {
				return store.Answer[store.Transfer]{}, f.err
			}
			a, err := f.write.Transfer(o)
			return a, errors.Join(err, f.write.Commit())
		},
		Books: f.db,
		Ping:  func(context.Context) error { return nil },
		Next: func(ctx context.Context, after int64) ([]store.Transfer, error) {
			if list, _ := f.db.After(ctx, after, 2); len(list) > 0 {
				return list, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		},
		Totals:  func() reports.Totals { return reports.Totals{Transfers: 7, Volume: 8} },
		Top:     func(context.Context, int) ([]store.AccountTurnover, error) { return nil, nil },
		Verdict: func() audit.Verdict { return audit.Verdict{} },
		Up:      func() bool { return true },
		Tree:    http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the tree") }),
	}
	return f
}

// answered is what has come of a request.
type answered struct {
	*httptest.ResponseRecorder
	Problem
}

// do makes a request; head is lines of the header.
func do(h http.Handler, method, path, body string, head ...string) answered {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range head {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	a := answered{ResponseRecorder: httptest.NewRecorder()}
	h.ServeHTTP(a.ResponseRecorder, r)
	if a.Header().Get("Content-Type") == "application/problem+json" {
		_ = json.Unmarshal(a.Body.Bytes(), &a.Problem)
	}
	return a
}

var quiet = slog.New(slog.DiscardHandler)

// newSite has two accounts with 100 each.
func newSite(t *testing.T, limits Limits) (*fake, *Site) {
	f := newFake()
	s := New(f.Services, limits, quiet)
	t.Cleanup(s.streams.stop)
	for _, id := range []string{"ada", "bob"} {
		a := do(s, "POST", "/api/accounts", `{"id":"`+id+`","balance":100}`, "Idempotency-Key: open-"+id)
		if a.Code != http.StatusCreated {
			t.Fatal(a.Code, a.Body)
		}
	}
	return f, s
}

// Each request, and what is answered: a status, the word of a problem, and a part of
// the body.
func TestRequests(t *testing.T) {
	_, s := newSite(t, DefaultLimits)
	const key = "Idempotency-Key: "
	for _, c := range []struct {
		method, path, body, head string
		status                   int
		word, part               string
	}{
		{"POST", "/api/accounts", `{"id":"ada","balance":100}`, key + "open-ada", 201, "", `"balance":100`},
		{"POST", "/api/accounts", `{"id":"ada","balance":1}`, key + "other", 409, "account-exists", ""},
		{"POST", "/api/accounts", `{"id":"A","balance":1}`, key + "k", 400, "invalid", `"detail":"the account`},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":30}`, key + "1", 201, "", `"id":1,"from":"ada"`},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":30}`, key + "1", 201, "", `"id":1,"from":"ada"`},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":31}`, key + "1", 422, "key-used", ""},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":71}`, key + "2", 422, "overdraft", ""},
		{"POST", "/api/transfers", `{"from":"ada","to":"nemo","amount":1}`, key + "3", 422, "unknown-to", ""},
		{"POST", "/api/transfers", `{"from":"nemo","to":"ada","amount":1}`, key + "4", 422, "unknown-from", ""},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":-1}`, key + "5", 400, "invalid", ""},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":1}`, "", 400, "no-key", ""},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":1.5}`, key + "6", 400, "json", ""},
		{"POST", "/api/transfers", `{"from":"ada","to":"bob","amount":1}{}`, key + "6", 400, "json", ""},
		{"POST", "/api/transfers", `{"from":"ada","sum":1}`, key + "6", 400, "json", ""},
		{"POST", "/api/transfers", `from=ada`, key + "6", 400, "json", ""},
		{"POST", "/api/transfers", strings.Repeat(" ", 5000) + "{}", key + "6", 413, "too-large", ""},
		{"POST", "/api/transfers", "", key + "6", 415, "media-type", ""},
		{"DELETE", "/api/transfers", "", "", 405, "method", ""},
		{"POST", "/", "", "", 405, "method", ""},
		{"POST", "/api/transfers", `{}`, "Origin: http://evil.example", 403, "cross-origin", ""},
		{"POST", "/api/transfers", `{}`, "Sec-Fetch-Site: cross-site", 403, "cross-origin", ""},
		{"GET", "/api/accounts/ada", "", "", 200, "", `"balance":70`},
		{"GET", "/api/accounts/nemo", "", "", 404, "no-account", ""},
		{"GET", "/api/accounts?limit=0", "", "", 400, "limit", ""},
		{"GET", "/api/accounts?limit=x", "", "", 400, "limit", ""},
		{"GET", "/api/transfers?before=x", "", "", 400, "cursor", ""},
		{"GET", "/api/report", "", "", 200, "", `"volume":8`},
		{"GET", "/api/nothing", "", "", 404, "no-page", ""},
		{"GET", "/static", "", "", 404, "no-page", ""},
		{"GET", "/chaos", "", "", 404, "no-page", ""},
		{"GET", "/api/events", "", "Last-Event-ID: x", 400, "event-id", ""},
		{"GET", "/", "", "", 200, "", "<title>Ledger</title>"},
		{"GET", "/page.js", "", "", 200, "", "EventSource"},
		{"GET", "/debug/services", "", "", 200, "", "the tree"},
		{"GET", "/livez", "", "", 200, "", "alive"},
		{"GET", "/readyz", "", "", 200, "", `"store":"ok"`},
	} {
		a := do(s, c.method, c.path, c.body, c.head)
		if a.Code != c.status || !strings.Contains(a.Body.String(), c.part) {
			t.Errorf("%s %s %.60s: %d %s, want %d %s", c.method, c.path, c.body, a.Code, a.Body, c.status, c.part)
		}
		if want := "urn:ledger:" + c.word; c.word != "" && (a.Type != want || a.Status != c.status || a.Title == "") {
			t.Errorf("%s %s %.60s: the problem %+v, want %s", c.method, c.path, c.body, a.Problem, want)
		}
		if a.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s has no ID", c.method, c.path)
		}
	}
}

// What has no answer says whether it may be asked again, and how.
func TestOutcomes(t *testing.T) {
	f, s := newSite(t, DefaultLimits)
	stopped := actor.Start(new(int), actor.WithLogger(quiet))
	if err := stopped.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	notRun := stopped.Run(t.Context(), func(*int) error { return nil })
	crashed := actor.Start(new(int), actor.WithLogger(quiet)).Run(t.Context(), func(*int) error { panic("crash") })
	for _, c := range []struct {
		err    error
		status int
		word   string
	}{
		{notRun, 503, "later"},
		{store.ErrNotDone, 503, "later"},
		{fmt.Errorf("%w: %w", store.ErrUnknown, store.ErrNotDone), 503, "unknown"},
		{store.ErrUnknown, 503, "unknown"},
		{crashed, 503, "unknown"},
		{context.DeadlineExceeded, 503, "unknown"},
		{errors.New("secret"), 500, "internal"},
	} {
		f.err = c.err
		a := do(s, "POST", "/api/transfers", `{"from":"ada","to":"bob","amount":1}`, "Idempotency-Key: 1")
		if a.Code != c.status || a.Type != "urn:ledger:"+c.word || strings.Contains(a.Body.String(), "secret") {
			t.Errorf("%v: %d %s", c.err, a.Code, a.Body)
		}
		if later := a.Header().Get("Retry-After"); (later != "") != (c.status == 503) {
			t.Errorf("%v: Retry-After %q", c.err, later)
		}
	}
}

// Lists are read in pages.
func TestPages(t *testing.T) {
	_, s := newSite(t, DefaultLimits)
	for i := range 5 {
		do(s, "POST", "/api/transfers", `{"from":"ada","to":"bob","amount":1}`, fmt.Sprintf("Idempotency-Key: %d", i))
	}
	for path, want := range map[string]string{
		"/api/accounts?limit=1":            `{"accounts":[{"id":"ada","opened":100,"balance":95}],"next":"ada"}`,
		"/api/accounts?limit=1&after=ada":  `{"accounts":[{"id":"bob","opened":100,"balance":105}]}`,
		"/api/accounts?after=bob":          `{"accounts":[]}`,
		"/api/transfers?limit=2":           `"next":4}`,
		"/api/transfers?limit=2&before=4":  `"next":2}`,
		"/api/transfers?limit=2&before=2":  `{"transfers":[{"id":1,`,
		"/api/transfers?account=nemo":      `{"transfers":[]}`,
		"/api/transfers?limit=2&account=a": `{"transfers":[]}`,
	} {
		if a := do(s, "GET", path, ""); a.Code != 200 || !strings.Contains(a.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", path, a.Code, a.Body, want)
		}
	}
}

// More requests at once than are borne are told so at once.
func TestOverload(t *testing.T) {
	limits := DefaultLimits
	limits.Requests = 1
	f, _ := newSite(t, limits)
	entered, release := make(chan struct{}), make(chan struct{})
	f.Services.Top = func(context.Context, int) ([]store.AccountTurnover, error) {
		close(entered)
		<-release
		return nil, nil
	}
	s := New(f.Services, limits, quiet)
	defer s.streams.stop()
	first := make(chan answered)
	go func() { first <- do(s, "GET", "/api/report", "") }()
	<-entered
	if a := do(s, "GET", "/api/accounts", ""); a.Code != 503 || a.Header().Get("Retry-After") == "" || a.Type != "urn:ledger:later" {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if a := do(s, "GET", "/livez", ""); a.Code != 200 {
		t.Errorf("/livez: %d", a.Code)
	}
	close(release)
	if a := <-first; a.Code != 200 {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if a := do(s, "GET", "/api/accounts", ""); a.Code != 200 {
		t.Errorf("afterwards: %d %s", a.Code, a.Body)
	}
}

// Each request has one line in the log, with an ID that its client may give.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	f := newFake()
	s := New(f.Services, DefaultLimits, slog.New(slog.NewJSONHandler(&out, nil)))
	defer s.streams.stop()
	a := do(s, "GET", "/livez", "", "X-Request-Id: abc-1")
	if got := a.Header().Get("X-Request-Id"); got != "abc-1" {
		t.Errorf("the ID is %q", got)
	}
	var line struct {
		ID, Method, Path string
		Status, Bytes    int
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.ID != "abc-1" || line.Method != "GET" || line.Path != "/livez" || line.Status != 200 || line.Bytes != a.Body.Len() {
		t.Errorf("%v: %s", err, &out)
	}
	if a := do(s, "GET", "/livez", "", "X-Request-Id: a\x7fb"); a.Header().Get("X-Request-Id") == "a\x7fb" {
		t.Error("an ID that is none was taken")
	}
}

// openStream opens a stream of events and returns its lines.
func openStream(t *testing.T, ctx context.Context, url, after string) *bufio.Scanner {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", after)
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(err, answer)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return bufio.NewScanner(answer.Body)
}

// nextID returns the ID of the next event, or a comment, or "" at the end.
func nextID(lines *bufio.Scanner) string {
	for lines.Scan() {
		if id, found := strings.CutPrefix(lines.Text(), "id: "); found {
			return id
		}
		if strings.HasPrefix(lines.Text(), ":") {
			return lines.Text()
		}
	}
	return ""
}

// A stream begins behind the last event that its client has, shows that it is alive,
// and ends when the server is to end.
func TestEvents(t *testing.T) {
	limits := DefaultLimits
	limits.Beat = time.Millisecond
	limits.Streams = 1
	_, s := newSite(t, limits)
	server := httptest.NewServer(s)
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	for i := range 4 {
		do(s, "POST", "/api/transfers", `{"from":"ada","to":"bob","amount":1}`, fmt.Sprintf("Idempotency-Key: %d", i))
	}
	lines := openStream(t, t.Context(), server.URL, "1")
	for _, want := range []string{"2", "3", "4", ": nothing new"} {
		if got := nextID(lines); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if a := do(s, "GET", "/api/events", ""); a.Code != 503 {
		t.Errorf("one stream too many: %d", a.Code)
	}
	s.EndStreams()
	for id := nextID(lines); id != ""; id = nextID(lines) {
		if id != ": nothing new" {
			t.Errorf("%q", id)
		}
	}
}

// A feed that has crashed is asked again; one that cannot tell ends the stream, or it
// would be asked without a pause.
func TestEventsWithoutFeed(t *testing.T) {
	crashed := actor.Start(&struct{}{}).Run(t.Context(), func(*struct{}) error { panic("no luck") })
	f := newFake()
	next, asked := f.Next, 0
	f.Next = func(ctx context.Context, after int64) ([]store.Transfer, error) {
		switch asked++; asked {
		case 1:
			return nil, crashed
		case 2:
			return next(ctx, after)
		}
		return nil, errors.New("cannot read")
	}
	s := New(f.Services, DefaultLimits, slog.New(slog.DiscardHandler))
	defer s.streams.stop()
	do(s, "POST", "/api/accounts", `{"id":"ada","balance":10}`, "Idempotency-Key: a")
	do(s, "POST", "/api/accounts", `{"id":"bob"}`, "Idempotency-Key: b")
	do(s, "POST", "/api/transfers", `{"from":"ada","to":"bob","amount":1}`, "Idempotency-Key: 1")
	server := httptest.NewServer(s)
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	lines := openStream(t, t.Context(), server.URL, "0")
	if first, end := nextID(lines), nextID(lines); first != "1" || end != "" || asked != 3 {
		t.Errorf("%q, %q, asked %d times", first, end, asked)
	}
}

// When readiness is withdrawn the end of the streams is for good.
func TestNoStreamAtTheEnd(t *testing.T) {
	_, s := newSite(t, DefaultLimits)
	server := httptest.NewServer(s)
	defer server.Close()
	defer http.DefaultClient.CloseIdleConnections()
	s.Withdraw()
	s.EndStreams()
	if id := nextID(openStream(t, t.Context(), server.URL, "0")); id != "" {
		t.Errorf("%q", id)
	}
}

// What only reads was not done or not.
func TestLateRead(t *testing.T) {
	f := newFake()
	f.Top = func(context.Context, int) ([]store.AccountTurnover, error) { return nil, context.DeadlineExceeded }
	s := New(f.Services, DefaultLimits, slog.New(slog.DiscardHandler))
	defer s.streams.stop()
	if a := do(s, "GET", "/api/report", ""); a.Code != 503 || a.Type != "urn:ledger:later" {
		t.Errorf("%d %s", a.Code, a.Type)
	}
}
