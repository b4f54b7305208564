package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// A Problem is the body of an answer with a status of 400 or more (RFC 9457).
type Problem struct {
	Type   string `json:"type"` // "urn:ledger:" and a word for programs
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// problem writes one. The word tells programs what it is.
func problem(w http.ResponseWriter, status int, word, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Problem{"urn:ledger:" + word, http.StatusText(status), status, detail})
}

// later tells a client to come again.
func later(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "1")
	problem(w, http.StatusServiceUnavailable, "later", why+": nothing was done, try again")
}

// fail says what has become of a request that has no answer.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch outcome := actor.OutcomeOf(err); {
	case errors.Is(err, store.ErrInvalid):
		problem(w, http.StatusBadRequest, "invalid", store.Reason(err))
	case errors.Is(err, store.ErrNoAccount):
		problem(w, http.StatusNotFound, "no-account", "there is no such account")
	case errors.Is(err, context.DeadlineExceeded) && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		later(w, "reading has taken too long")
	case outcome == actor.NotRun || errors.Is(err, store.ErrNotDone) && !errors.Is(err, store.ErrUnknown):
		later(w, "the ledger is overloaded or restarting")
	case outcome == actor.Unknown || outcome == actor.Crashed || errors.Is(err, store.ErrUnknown) || errors.Is(err, context.DeadlineExceeded):
		w.Header().Set("Retry-After", "1")
		problem(w, http.StatusServiceUnavailable, "unknown", "it may have been done or not: ask again with the same key to find out")
	default:
		s.log.ErrorContext(r.Context(), "request failed", "id", w.Header().Get("X-Request-Id"), "err", err)
		problem(w, http.StatusInternalServerError, "internal", "the log knows more, under the ID of this request")
	}
}

// refused says why a request was refused. That is final: asked again with the same key, a
// client gets the same answer.
func refused(w http.ResponseWriter, why store.Refusal) {
	words := map[store.Refusal]string{
		store.Overdraft: "overdraft", store.UnknownFrom: "unknown-from", store.UnknownTo: "unknown-to",
		store.TooMuch: "too-much", store.AccountExists: "account-exists", store.KeyUsed: "key-used",
	}
	status := http.StatusUnprocessableEntity
	if why == store.AccountExists {
		status = http.StatusConflict
	}
	problem(w, status, words[why], string(why))
}

// problems makes problems of what the API's own mux has to say, and leaves what is
// none of its paths to next.
func (s *Site) problems(api *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := api.Handler(r)
		if pattern != "" {
			api.ServeHTTP(w, r) // which sets the values of the path
			return
		}
		said := &discarded{header: http.Header{}}
		h.ServeHTTP(said, r)
		switch allow := said.header.Get("Allow"); {
		case said.status == http.StatusMethodNotAllowed:
			w.Header().Set("Allow", allow)
			problem(w, said.status, "method", "here one can "+allow)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// discarded is a ResponseWriter for what is not sent.
type discarded struct {
	header http.Header
	status int
}

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) WriteHeader(status int)      { d.status = status }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
