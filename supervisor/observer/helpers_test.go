package observer_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

var quiet = slog.New(slog.DiscardHandler)

// fixed is a tree that does not change.
type fixed supervisor.Node

func (f fixed) Snapshot() supervisor.Node { return supervisor.Node(f) }

// ask asks for a page as a client on the same machine does.
func ask(h http.Handler, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:54321", "localhost:8080"
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// body is the page, which has to be there.
func body(t *testing.T, h http.Handler, target string) string {
	t.Helper()
	w := ask(h, target)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d: %s", target, w.Code, w.Body)
	}
	return w.Body.String()
}

// report is the JSON.
func report(t *testing.T, h http.Handler, target string) (r observer.Report) {
	t.Helper()
	if err := json.Unmarshal([]byte(body(t, h, target)), &r); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return r
}

type counter struct{ n int }

func build(context.Context) (*counter, error) { return new(counter), nil }

func service(name string, opts ...actor.Option) *actor.Service[counter] {
	return actor.New(build, append(opts, actor.WithName(name), actor.WithLogger(quiet))...)
}

// tree starts a tree, which ends with the test.
func tree(t *testing.T, children ...supervisor.Child) *supervisor.Supervisor {
	t.Helper()
	root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: children})
	if err := root.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Stop(context.Background()) })
	return root
}
