package web

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// health is what /readyz knows besides what it asks.
type health struct{ withdrawn atomic.Bool }

// Withdraw has /readyz say that no more requests are wanted, so that whoever sends them
// sends them elsewhere, before the listener closes.
func (s *Site) Withdraw() { s.health.withdrawn.Store(true) }

// livez answers if the process does. It says nothing of the services: a process whose
// services are being restarted is not helped by being killed.
func (s *Site) livez(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "alive"})
}

// readyz answers 200 if requests can be served now: it asks what they need, each of it for a
// second at most, so that what hangs is not taken for the fault of the next.
func (s *Site) readyz(w http.ResponseWriter, r *http.Request) {
	status, checks := http.StatusOK, map[string]string{}
	for _, c := range []struct {
		name  string
		check func(context.Context) error
	}{
		{"wanted", s.wanted},
		{"tree", s.treeIsUp},
		{"store", s.Ping},
		{"books", func(ctx context.Context) error { _, err := s.Books.Last(ctx); return err }},
		{"audit", s.booksAreRight},
	} {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		checks[c.name] = "ok"
		if err := c.check(ctx); err != nil {
			status, checks[c.name] = http.StatusServiceUnavailable, err.Error()
		}
		cancel()
	}
	answer(w, status, checks)
}

func (s *Site) wanted(context.Context) error {
	if s.health.withdrawn.Load() {
		return errors.New("about to end")
	}
	return nil
}

func (s *Site) treeIsUp(context.Context) error {
	if !s.Up() {
		return errors.New("a service is being restarted")
	}
	return nil
}

func (s *Site) booksAreRight(context.Context) error {
	if wrong := s.Verdict().Wrong; wrong != "" {
		return errors.New(wrong)
	}
	return nil
}
