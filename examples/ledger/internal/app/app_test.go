package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/audit"
	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
	"github.com/bruskajp/nano_services/examples/ledger/internal/feed"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/supervisor"
)

// start starts an app on a free port, which ends with the test.
func start(t *testing.T, s Settings) *App {
	t.Helper()
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	a, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// post makes a request and returns the status and the body.
func post(t *testing.T, url, key, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	return answer(t)(http.DefaultClient.Do(r))
}

func answer(t *testing.T) func(*http.Response, error) (int, string) {
	return func(r *http.Response, err error) (int, string) {
		t.Helper()
		if err != nil {
			return 0, err.Error()
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		return r.StatusCode, string(body)
	}
}

func open(t *testing.T, a *App, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if status, body := post(t, a.URL()+"api/accounts", "open-"+id, `{"id":"`+id+`","balance":1000}`); status != 201 {
			t.Fatal(status, body)
		}
	}
}

// Whatever crashes, requests are answered as if nothing had happened, and a stream of
// events has each transfer once.
func TestCrashesAreNotNoticed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		a := start(t, Settings{Database: database, Chaos: true})
		open(t, a, "ada", "bob")
		events, err := http.Get(a.URL() + "api/events?after=0")
		if err != nil {
			t.Fatal(err)
		}
		defer events.Body.Close()

		_, body := answer(t)(http.Get(a.URL() + "chaos"))
		var names []string
		if err := json.Unmarshal([]byte(body), &names); err != nil || len(names) < 10 {
			t.Fatal(err, body)
		}
		for _, name := range names {
			crashed := make(chan string, 1)
			go func() {
				_, body := post(t, a.URL()+"chaos", "", `{"name":"`+name+`"}`)
				crashed <- body
			}()
			if status, body := post(t, a.URL()+"api/transfers", name[len(name)-1:]+"-during-"+strings.ReplaceAll(name, " ", "-"), `{"from":"ada","to":"bob","amount":1}`); status != 201 {
				t.Errorf("while %s crashed: %d %s", name, status, body)
			}
			if body := <-crashed; !strings.Contains(body, name) {
				t.Errorf("crash of %s: %s", name, body)
			}
		}
		for want := range len(names) {
			var t2 store.Transfer
			if err := nextEvent(events.Body, &t2); err != nil || t2.ID != int64(want+1) {
				t.Fatalf("event %d: %+v, %v", want+1, t2, err)
			}
		}
		if check, err := a.Books.Check(t.Context()); err != nil || check.Err() != nil || check.Transfers != int64(len(names)) {
			t.Errorf("%+v, %v", check, err)
		}
	})
}

// nextEvent reads up to the data of the next event.
func nextEvent(body io.Reader, t *store.Transfer) error {
	var line []byte
	for b := make([]byte, 1); ; {
		if _, err := body.Read(b); err != nil {
			return err
		}
		if b[0] != '\n' {
			line = append(line, b[0])
			continue
		}
		if data, found := strings.CutPrefix(string(line), "data: "); found {
			return json.Unmarshal([]byte(data), t)
		}
		line = nil
	}
}

// At the end /readyz says no while requests are still served; then the listener closes,
// and streams of events end.
func TestEnd(t *testing.T) {
	a, err := New(Settings{Database: store.InMemory, Addr: "127.0.0.1:0", Grace: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	a.noticed = make(chan struct{})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	url := a.URL()
	if status, body := answer(t)(http.Get(url + "readyz")); status != 200 {
		t.Errorf("before: %d %s", status, body)
	}
	events, err := http.Get(url + "api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(context.Background()) }()
	status := 200
	for status == 200 {
		status, _ = answer(t)(http.Get(url + "readyz"))
	}
	if status != 503 {
		t.Errorf("the listener was closed before /readyz has said no: %d", status)
	}
	if status, body := answer(t)(http.Get(url + "api/accounts")); status != 200 {
		t.Errorf("meanwhile: %d %s", status, body)
	}
	close(a.noticed)
	if _, err := io.ReadAll(events.Body); err != nil {
		t.Errorf("the stream: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// Stopped while the tree starts, it ends in order, and Start says why it has not begun.
func TestStopWhileStarting(t *testing.T) {
	a, err := New(Settings{Database: store.InMemory, Addr: "127.0.0.1:0", Grace: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Stop(t.Context()); err != nil { // there is nothing to be withdrawn, and so no grace
		t.Error(err)
	}
	if err := a.Start(t.Context()); !errors.Is(err, supervisor.ErrStopped) {
		t.Errorf("Start = %v", err)
	}
}

// A taken port is replaced by a free one.
func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a := start(t, Settings{Database: store.InMemory, Addr: l.Addr().String()})
	if strings.Contains(a.URL(), l.Addr().String()) {
		t.Errorf("%s is taken", a.URL())
	}
	if status, body := answer(t)(http.Get(a.URL() + "livez")); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

// A service outside of requests that crashes again and again ends the program, with the
// reason.
func TestBudget(t *testing.T) {
	a, err := New(Settings{Database: store.InMemory})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := supervisor.Lookup[feed.FeedService](a.tree, "listeners/feed")
	if err != nil {
		t.Fatal(err)
	}
	crashes := 0
	for actor.OutcomeOf(f.Run(t.Context(), func(*feed.Feed) error { panic("no luck") })) == actor.Crashed {
		crashes++
	}
	<-a.Done()
	var gaveUp *supervisor.GaveUpError
	if crashes != 6 || !errors.As(a.Err(), &gaveUp) || !strings.Contains(a.Err().Error(), "listeners") || !strings.Contains(a.Err().Error(), "no luck") {
		t.Errorf("%v, after %d crashes", a.Err(), crashes)
	}
}

// A database that goes away and comes back ends nothing: requests are told to come later, and
// the services outside of requests, which have a budget of crashes, wait for it.
func TestLEDGERDatabaseAway(t *testing.T) {
	database := dbtest.Postgres(t)
	var log awayLog
	a := start(t, Settings{Database: database, Audit: time.Millisecond, Logger: slog.New(&log)})
	open(t, a, "ada", "bob")
	transfer := func(key string) (int, string) {
		return post(t, a.URL()+"api/transfers", key, `{"from":"ada","to":"bob","amount":1}`)
	}
	allow := func(connections bool) {
		t.Helper()
		db, err := sql.Open("pgx", os.Getenv(dbtest.Server))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		name := database[strings.LastIndexByte(database, '/')+1:]
		_, err = db.Exec(fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %t", name, connections))
		if err == nil && !connections {
			_, err = db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	readers, ok := a.Books.(store.ReaderPool)
	if !ok {
		t.Fatalf("%T", a.Books)
	}
	allow(false)
	if status, body := answer(t)(http.Get(a.URL() + "readyz")); status != 503 {
		t.Errorf("/readyz, while it is away: %d %s", status, body)
	}
	f, err := supervisor.Lookup[audit.AuditService](a.tree, "listeners/audit")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Take(store.Transfer{ID: 1}); err != nil { // it has a reason to look
		t.Fatal(err)
	}
	for log.waits.Load() < 7 { // more than the budget, had each been a crash
		still(t, a)
		if _, err := readers.Last(t.Context()); err == nil {
			t.Fatal("it is not away")
		}
	}
	allow(true)
	for status := 0; status != 201; {
		still(t, a)
		status, _ = transfer("1")
	}
	for status := 0; status != 200; {
		still(t, a)
		status, _ = answer(t)(http.Get(a.URL() + "readyz"))
	}
}

// still demands that the app runs.
func still(t *testing.T, a *App) {
	t.Helper()
	select {
	case <-a.Done():
		t.Fatalf("it has ended: %v", a.Err())
	default:
	}
}

// awayLog counts the records of those who wait for the books.
type awayLog struct{ waits atomic.Int64 }

func (l *awayLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *awayLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *awayLog) WithGroup(string) slog.Handler            { return l }

func (l *awayLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "the books cannot be read, and are tried again" {
		l.waits.Add(1)
	}
	return nil
}

// A database that cannot be opened is named, with the reason.
func TestNoDatabase(t *testing.T) {
	for database, want := range map[string]string{
		"mysql://host/db":         "no database of the kind",
		t.TempDir() + "/no/file":  "unable to open database file",
		"postgres://127.0.0.1:1/": "connect",
	} {
		a, err := New(Settings{Database: database})
		if err == nil {
			err = a.Start(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", database, err, want)
		}
	}
}
