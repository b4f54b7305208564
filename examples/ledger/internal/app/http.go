package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/chaos"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/web"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

// declareSite declares the server of HTTP, and what it serves.
func (a *App) declareSite(l listeners) {
	services := web.Services{
		Open:     a.Accounts.AskOpen,
		Transfer: a.Accounts.AskTransfer,
		Books:    a.Books,
		Ping:     a.Store.Ping,
		Next:     l.feed.Next,
		Totals:   l.totals.Load,
		Top:      l.reports.Top,
		Verdict:  l.verdict.Load,
		Up:       func() bool { return a.tree.Up() },
		Tree:     observer.Handler(root{a}),
	}
	if a.settings.Chaos {
		services.Crash = a.targets(l)
	}
	a.site = web.New(services, a.settings.Limits, a.settings.Logger)
	a.server = httpserver.New(&http.Server{
		Handler:           a.site,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second, // a stream of events sets its own
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(a.settings.Logger.Handler(), slog.LevelWarn),
	}, httpserver.WithListener(listen(a.settings.Addr, a.settings.Logger)), httpserver.WithOnShutdown(a.site.EndStreams))
}

// root is the tree, which is made after what serves its page.
type root struct{ app *App }

func (r root) Snapshot() supervisor.Node { return r.app.tree.Snapshot() }
func (r root) Stopping() <-chan struct{} { return r.app.tree.Stopping() }

// targets are all services but the server of HTTP, whose crash would be one of the
// program that looks.
func (a *App) targets(l listeners) []chaos.Target {
	targets := append(chaos.Store(a.Store),
		chaos.Service("feed", l.feed.Service()),
		chaos.Service("reports", l.reports.Service()),
		chaos.Service("audit", l.audit.Service()))
	if readers, ok := a.Books.(store.ReaderPool); ok {
		targets = append(targets, chaos.Members("readers", readers.Pool().Members())...)
	}
	return append(targets, chaos.Members("accounts", a.Accounts.Pool().Members()[:min(8, a.settings.Members)])...)
}

// listen returns a function that listens on addr, or on a free port of the same host if
// that port is taken. When the server is restarted it is the same port again.
func listen(addr string, log *slog.Logger) func(context.Context) (net.Listener, error) {
	var mu sync.Mutex
	return func(ctx context.Context) (net.Listener, error) {
		mu.Lock()
		defer mu.Unlock()
		var c net.ListenConfig
		l, err := c.Listen(ctx, "tcp", addr)
		if errors.Is(err, syscall.EADDRINUSE) {
			host, _, splitErr := net.SplitHostPort(addr)
			if splitErr != nil {
				return nil, err
			}
			log.Warn("the port is taken, so another one is used", "addr", addr)
			l, err = c.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
		}
		if err == nil {
			addr = l.Addr().String()
		}
		return l, err
	}
}
