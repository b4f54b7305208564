package observer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/bruskajp/nano_services/supervisor"
)

// Tree is what a Handler shows: a *supervisor.Supervisor, normally the root.
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
// have, 405 for methods other than GET and HEAD, and 400 for a query that means nothing.
func Handler(tree Tree, options ...Option) http.Handler {
	if s, ok := tree.(*supervisor.Supervisor); tree == nil || ok && s == nil {
		panic("observer: Handler of a nil tree")
	}
	h := &handler{tree: tree}
	for _, o := range options {
		if o == nil {
			panic("observer: Handler with a nil Option")
		}
		o(h)
	}
	return h
}

type handler struct {
	tree  Tree
	allow func(*http.Request) bool
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	if embedded(r.Header) {
		http.Error(w, "observer: a page of another site asks, which may only link to this one", http.StatusForbidden)
		return
	}
	if why := notLocal(r); why != "" && (h.allow == nil || !h.allow(r)) {
		http.Error(w, "observer: "+why+" (observer.Allow decides who may look besides clients on this machine)", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "observer: the page can only be read", http.StatusMethodNotAllowed)
		return
	}
	q, err := queryOf(r)
	if err != nil {
		fail(w, err, http.StatusBadRequest)
		return
	}
	report, ok := look(h.tree, q.Path)
	if !ok {
		http.Error(w, fmt.Sprintf("observer: the tree has no %q", q.Path), http.StatusNotFound)
		return
	}
	var body bytes.Buffer // sent when all has been looked at: a slow client holds nobody up
	if q.json {
		head.Set("Content-Type", "application/json")
		report.Crashes = crashes(&report.Tree, nil)
		var text []byte // not indented, which takes the square of the depth of the tree
		text, err = json.Marshal(report)
		body.Write(append(text, '\n'))
	} else {
		head.Set("Content-Type", "text/html; charset=utf-8")
		if q.Path != "" {
			report.Crashes = crashOf(&report.Tree)
		}
		err = page.Execute(&body, newView(report, q))
	}
	if err != nil {
		fail(w, err, http.StatusInternalServerError)
		return
	}
	head.Set("Content-Length", strconv.Itoa(body.Len()))
	_, _ = w.Write(body.Bytes()) // the client has gone; for HEAD, package http leaves it out
}

func fail(w http.ResponseWriter, err error, status int) {
	http.Error(w, "observer: "+err.Error(), status)
}

// query is what a request asks for.
type query struct {
	Path    string // of the part of the tree; "": all of it
	All     bool   // rows, and not only some of many
	Refresh int    // seconds after which the browser is to ask again; 0: not
	json    bool
}

func queryOf(r *http.Request) (q query, err error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, meansNothing(r.URL.RawQuery)
	}
	q.Path = values.Get("path")
	if v := values.Get("all"); v != "" {
		if q.All, err = strconv.ParseBool(v); err != nil {
			return q, meansNothing("all=" + v)
		}
	}
	if v := values.Get("refresh"); v != "" {
		if q.Refresh, err = strconv.Atoi(v); err != nil || q.Refresh < 1 || q.Refresh > 3600 {
			return q, meansNothing("refresh=" + v)
		}
	}
	if v := values.Get("format"); v != "" {
		if q.json = v == "json"; !q.json && v != "html" {
			return q, meansNothing("format=" + v)
		}
	}
	return q, nil
}

func meansNothing(what string) error {
	return fmt.Errorf("%s means nothing: there are path=PATH, format=html, format=json, all=1, and refresh=1 to 3600, in seconds", what)
}
