// Package web is what the ledger shows to the outside: an API of JSON over HTTP, a page
// that uses it, and what an operator wants to know.
//
//	site.go     the paths
//	guard.go    what every request goes through
//	problem.go  errors, as RFC 9457 has them
//	json.go     bodies, keys and pages
//	accounts.go, transfers.go, events.go, reports.go   the API
//	health.go   /livez and /readyz
//	page.go     the page
//	crash.go    the button that crashes a service, for those who ask for it
package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/audit"
	"github.com/bruskajp/nano_services/examples/ledger/internal/chaos"
	"github.com/bruskajp/nano_services/examples/ledger/internal/reports"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// Services is what a Site needs of the rest of the program.
type Services struct {
	Open     func(context.Context, store.Opening) (store.Answer[store.Account], error)
	Transfer func(context.Context, store.Order) (store.Answer[store.Transfer], error)
	Books    store.Books
	Ping     func(context.Context) error                                      // nil: the store can be written to
	Next     func(ctx context.Context, after int64) ([]store.Transfer, error) // waits for transfers
	Totals   func() reports.Totals
	Top      func(ctx context.Context, n int) ([]store.AccountTurnover, error)
	Verdict  func() audit.Verdict
	Up       func() bool    // the whole tree
	Tree     http.Handler   // its page
	Crash    []chaos.Target // what may be crashed from outside; none: nothing
}

// Limits is what a Site bears.
type Limits struct {
	Requests int           // at once; more are told to come later
	Streams  int           // of events, at once
	Time     time.Duration // of a request, without streams
	Body     int64         // bytes
	Beat     time.Duration // after which a stream without events shows that it is alive
}

// DefaultLimits are those of the program.
var DefaultLimits = Limits{Requests: 512, Streams: 256, Time: 5 * time.Second, Body: 4096, Beat: 15 * time.Second}

// A Site is the handler of all requests.
type Site struct {
	Services
	limits  Limits
	log     *slog.Logger
	handler http.Handler
	health  health
	streams streams
}

// New returns a site.
func New(s Services, limits Limits, log *slog.Logger) *Site {
	site := &Site{Services: s, limits: limits, log: log}
	site.streams.ctx, site.streams.stop = context.WithCancel(context.Background())
	api := http.NewServeMux()
	api.HandleFunc("POST /api/accounts", site.openAccount)
	api.HandleFunc("GET /api/accounts", site.listAccounts)
	api.HandleFunc("GET /api/accounts/{id}", site.showAccount)
	api.HandleFunc("POST /api/transfers", site.transfer)
	api.HandleFunc("GET /api/transfers", site.listTransfers)
	api.HandleFunc("GET /api/report", site.report)
	if len(s.Crash) > 0 {
		api.HandleFunc("GET /chaos", site.listCrashes)
		api.HandleFunc("POST /chaos", site.crash)
	}
	page := pages()
	mux := http.NewServeMux()
	mux.Handle("/", site.limited(site.problems(api, page)))
	mux.HandleFunc("GET /api/events", site.events)
	mux.HandleFunc("GET /livez", site.livez)
	mux.HandleFunc("GET /readyz", site.readyz)
	mux.Handle("/debug/services", s.Tree)
	site.handler = site.guarded(mux)
	return site
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }
