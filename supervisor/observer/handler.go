package observer

import (
	"bufio"
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/bruskajp/nano_services/supervisor"
)

// Tree is what a Handler shows: a *supervisor.Supervisor, normally the root. If it also has a
// Supervisor's method Stopping, live pages end as soon as it begins to stop, and otherwise within
// a second.
type Tree interface{ Snapshot() supervisor.Node }

// Option is an option of Handler.
type Option func(*handler)

// Allow lets allow decide about clients that are not on the same machine, or not known
// to be: they may look if it returns true. It is called by many goroutines at once.
// Without it, or with nil, they are refused.
func Allow(allow func(*http.Request) bool) Option {
	return func(h *handler) { h.allow = allow }
}

// Handler returns the page of a tree. It shows the same under any path, so it may be
// mounted anywhere, and several of them for several trees. A tree that is not started, or
// has ended, is shown as such. A nil tree panics, and so does a nil Option.
//
// The status is 403 for those who may not look, 404 for a path that the tree does not
// have, 405 for methods other than GET and HEAD, 400 for a query that means nothing, and 503
// for more than 16 live pages.
func Handler(tree Tree, options ...Option) http.Handler {
	if s, ok := tree.(*supervisor.Supervisor); tree == nil || ok && s == nil {
		panic("observer: Handler of a nil tree")
	}
	h := &handler{watch: watch{tree: tree}}
	for _, o := range options {
		if o == nil {
			panic("observer: Handler with a nil Option")
		}
		o(h)
	}
	return h
}

type handler struct {
	watch   watch
	streams streams
	allow   func(*http.Request) bool
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Content-Security-Policy", policy)
	if embedded(r.Header) {
		h.refuse(w, r, http.StatusForbidden, "a page of another site asks, which may only link to this one")
		return
	}
	if why := notLocal(r); why != "" && (h.allow == nil || !h.allow(r)) {
		h.refuse(w, r, http.StatusForbidden, why+" (observer.Allow decides who may look besides clients on this machine)")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		h.refuse(w, r, http.StatusMethodNotAllowed, "the page can only be read")
		return
	}
	q, err := queryOf(r)
	switch {
	case err != nil:
		h.refuse(w, r, http.StatusBadRequest, err.Error())
	case q.format == asEvents && r.Method == http.MethodGet:
		h.live(w, r, q)
	default:
		h.show(w, r, q)
	}
}

// show answers with a page, or with JSON.
func (h *handler) show(w http.ResponseWriter, r *http.Request, q query) {
	s, err := h.watch.look(r.Context())
	if err != nil {
		h.refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	report, ok := s.part(q.Path)
	if !ok {
		h.refuse(w, r, http.StatusNotFound, "the tree has no "+strconv.Quote(q.Path))
		return
	}
	if q.format == asJSON {
		h.json(w, r, &report)
		return
	}
	var body bytes.Buffer // sent when all has been looked at: a slow client holds nobody up
	if err := writePage(&body, newView(s, report, q, &h.watch.series)); err != nil {
		h.refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	_, _ = w.Write(body.Bytes()) // the client has gone; for HEAD, package http leaves it out
}

// json sends a report while it is put together, since it may be large. The data that it is made
// of does not change meanwhile.
func (h *handler) json(w http.ResponseWriter, r *http.Request, report *Report) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return
	}
	out := bufio.NewWriterSize(w, 32<<10)
	if err := errors.Join(report.stream(out), out.Flush()); err != nil {
		panic(http.ErrAbortHandler) // the client has gone, or is to see that this is not all
	}
}

// refuse answers with the reason: to browsers in a page that has a way back.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, "observer: "+why, status)
		return
	}
	refusal := struct {
		Status     int
		Title, Why string
		Back       template.URL
		Way        string
	}{status, http.StatusText(status), shown(strings.ToUpper(why[:1]) + why[1:] + "."), "?", "Back to the tree"}
	if status == http.StatusForbidden {
		refusal.Back, refusal.Way = "?"+template.URL(r.URL.RawQuery), "Try again"
	}
	var body bytes.Buffer
	if err := templates.ExecuteTemplate(&body, "refusal", refusal); err != nil {
		http.Error(w, "observer: "+why, status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the client has gone
}
