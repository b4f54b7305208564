// Package app is the tree of services.
//
//	ledger
//	├── database      without limit: its callers see each failure, and wait
//	│   ├── store     the one connection that writes
//	│   └── readers   a pool, with a connection each
//	├── accounts      a pool, keyed by the debited account
//	├── listeners     with a budget: see below
//	│   ├── feed
//	│   ├── reports
//	│   └── audit
//	└── http
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/examples/ledger/internal/accounts"
	"github.com/bruskajp/nano_services/examples/ledger/internal/audit"
	"github.com/bruskajp/nano_services/examples/ledger/internal/feed"
	"github.com/bruskajp/nano_services/examples/ledger/internal/reports"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/web"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// Settings say what an App is to be like. Zero values are replaced by the defaults.
type Settings struct {
	Database string
	Addr     string // to listen on; "": no HTTP
	Logger   *slog.Logger
	Limits   web.Limits
	Size     store.Size
	Members  int           // of accounts
	Waiting  int           // for each of them, at most; more are told to come later
	Audit    time.Duration // between two looks at the books
	Grace    time.Duration // between withdrawing readiness and closing the listener
	Chaos    bool          // services may be crashed from outside, and no budget counts

	// Rival takes the place of the store, for comparisons. Default: none.
	Rival func(database string, publish func(store.Transfer)) (Rival, error)
}

// defaults are what a machine with a few processors and a disk can do with.
func (s Settings) defaults() Settings {
	s.Size.Batch = orDefault(s.Size.Batch, 128)
	s.Size.Queue = orDefault(s.Size.Queue, 512)
	s.Size.Readers = orDefault(s.Size.Readers, 4)
	s.Members = orDefault(s.Members, 64)
	s.Waiting = orDefault(s.Waiting, 64) // a commit each, one after the other, well within Limits.Time
	s.Audit = orDefault(s.Audit, 10*time.Second)
	s.Limits = orDefault(s.Limits, web.DefaultLimits)
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

func orDefault[V comparable](v, def V) V {
	var zero V
	if v == zero {
		return def
	}
	return v
}

// A Rival is a store that is no service.
type Rival interface {
	store.Store
	io.Closer
}

// App is the ledger, put together.
type App struct {
	Store    store.Store
	Books    store.Books
	Accounts accounts.AccountsPool

	settings  Settings
	started   atomic.Bool
	noticed   chan struct{} // ends the grace early; of tests
	transfers *topic.Topic[store.Transfer]
	tree      *supervisor.Supervisor
	site      *web.Site
	server    *httpserver.Server // nil: none
}

// New puts the services together. Nothing runs before Start.
func New(settings Settings) (*App, error) {
	settings = settings.defaults()
	a := &App{settings: settings, transfers: new(topic.Topic[store.Transfer])}
	publish := func(t store.Transfer) { a.transfers.Publish(t) }
	db, err := store.Declare(settings.Database, settings.Size, publish, a.options("")...)
	if err != nil {
		return nil, err
	}
	if settings.Rival != nil {
		rival, err := settings.Rival(settings.Database, publish)
		if err != nil {
			return nil, err
		}
		db.Store = rival
		db.Children[0] = supervisor.Child{Name: "store", Service: supervisor.Func(func(ctx context.Context) error {
			<-ctx.Done()
			return rival.Close()
		})}
	}
	a.Store, a.Books = db.Store, db.Books
	for i := range db.Children {
		db.Children[i].Backoff = &supervisor.Backoff{Min: time.Millisecond, Max: 2 * time.Second, Jitter: 0.2, Healthy: 100 * time.Millisecond}
	}
	a.Accounts = accounts.AccountsPoolOf(pool.NewWith(settings.Members,
		func(context.Context) (*accounts.Accounts, error) { return accounts.NewAccounts(a.Store), nil },
		supervisor.Spec{MaxRestarts: supervisor.Unlimited},
		a.options("accounts", actor.WithCapacity(settings.Waiting))...))
	listeners, err := a.declareListeners()
	if err != nil {
		return nil, err
	}
	children := []supervisor.Child{
		{Service: supervisor.New("database", supervisor.Spec{MaxRestarts: supervisor.Unlimited, Children: db.Children})},
		{Service: a.Accounts},
		{Service: listeners.tree},
	}
	if settings.Addr != "" {
		a.declareSite(listeners)
		children = append(children, supervisor.Child{Service: a.server})
	}
	a.tree = supervisor.New("ledger", supervisor.Spec{Logger: settings.Logger, Children: children, Decider: escalate})
	return a, nil
}

// options are those of every service, a name, if it has none, and more.
func (a *App) options(name string, more ...actor.Option) []actor.Option {
	options := append([]actor.Option{actor.WithLogger(a.settings.Logger), actor.WithTimes()}, more...)
	if name != "" {
		options = append(options, actor.WithName(name))
	}
	return options
}

// listeners are the services that hear of each transfer.
type listeners struct {
	feed    feed.FeedService
	reports reports.ReportsService
	audit   audit.AuditService
	tree    *supervisor.Supervisor

	totals  *actor.View[reports.Totals]
	verdict *actor.View[audit.Verdict]
}

// escalate has the process end with the reason if a supervisor has given up: to begin
// anew with the same budget would be no budget.
func escalate(_ string, err error) supervisor.Decision {
	var gaveUp *supervisor.GaveUpError
	if errors.As(err, &gaveUp) {
		return supervisor.Escalate
	}
	return supervisor.ByTable
}

// declareListeners declares them with a budget of restarts. They run outside of requests:
// if one of them crashes again and again, no caller is told so and gives up, and
// nothing would end that. Five times in a minute is more than bad luck; then the process
// ends with the reason, and what has started it decides. A database that is away is not
// theirs to mend, so they wait for it.
func (a *App) declareListeners() (l listeners, err error) {
	books := store.Patient(a.Books, a.settings.Logger)
	l.feed = feed.NewFeedService(books, a.options("feed")...)
	l.reports = reports.NewReportsService(books, a.options("reports")...)
	l.audit = audit.NewAuditService(books, a.settings.Audit, a.options("audit")...)
	for _, subscribe := range []func() (func(), error){
		func() (func(), error) { return topic.Subscribe(a.transfers, l.feed.Service(), (*feed.Feed).Take) },
		func() (func(), error) {
			return topic.Subscribe(a.transfers, l.reports.Service(), (*reports.Reports).Take)
		},
		func() (func(), error) { return topic.Subscribe(a.transfers, l.audit.Service(), (*audit.Audit).Take) },
	} {
		if _, err := subscribe(); err != nil { // for as long as the services live
			return l, fmt.Errorf("app: %w", err)
		}
	}
	l.totals = actor.NewView(l.reports, (*reports.Reports).Totals)
	l.verdict = actor.NewView(l.audit, (*audit.Audit).Verdict)

	spec := supervisor.Spec{MaxRestarts: 5, Period: time.Minute}
	if a.settings.Chaos {
		spec.MaxRestarts = supervisor.Unlimited
	}
	for _, s := range []supervisor.Service{l.feed, l.reports, l.audit} {
		spec.Children = append(spec.Children, supervisor.Child{
			Service: s, Backoff: &supervisor.Backoff{Min: 10 * time.Millisecond, Max: 5 * time.Second, Jitter: 0.2, Healthy: time.Second},
		})
	}
	l.tree = supervisor.New("listeners", spec)
	return l, nil
}

// Start starts all services, and returns when they are up, or why they are not. It tries the
// database first, and once: what is wrong with that is said at once, while a service that is
// restarted tries again.
func (a *App) Start(ctx context.Context) error {
	if err := store.Try(ctx, a.settings.Database); err != nil {
		return err
	}
	if err := a.tree.Start(ctx); err != nil {
		return err
	}
	a.started.Store(true)
	return nil
}

// URL returns where the page is.
func (a *App) URL() string { return "http://" + a.server.Addr().String() + "/" }

// Done is closed when the tree is down; Err tells why.
func (a *App) Done() <-chan struct{} { return a.tree.Done() }

// Err returns why the tree has given up.
func (a *App) Err() error { return a.tree.Err() }

// Stop ends all services within ctx: first it says that no more requests are wanted, and
// some time later, when those who send them have noticed, it listens no more, ends what
// has been begun, and closes the database last. Before Start has returned there is
// nothing to be withdrawn; then Start returns, too.
func (a *App) Stop(ctx context.Context) error {
	if a.site != nil && a.started.Load() {
		a.site.Withdraw()
		grace := time.NewTimer(a.settings.Grace)
		defer grace.Stop()
		select {
		case <-grace.C:
		case <-a.noticed:
		case <-ctx.Done():
		}
	}
	return a.tree.Stop(ctx)
}
