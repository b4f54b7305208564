package httpserver

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/supervisor"
)

// life is one Serve of a Server.
type life struct {
	ctx    context.Context    // the contexts of requests are made of it
	cancel context.CancelFunc // also ends those that listen to nothing else
	log    *log.Logger

	failure atomic.Pointer[error] // a function of the user's has panicked, and ended the server

	mu       sync.Mutex
	srv      *http.Server // nil until it listens
	addr     net.Addr     // nil unless it listens
	at       string       // addr as text
	closed   bool
	handlers map[*handling]struct{}
	idle     chan struct{}         // closed when no handler runs; nil unless waited for
	ending   bool                  // connections without a request are closed
	silent   map[net.Conn]struct{} // connections without a request so far
	serial   uint64
}

// handling is a request that a handler is at work on. Strings, and not the
// request, because the handler may change that.
type handling struct {
	serial      uint64
	method, uri string
}

func newLife(ctx context.Context, errors *log.Logger) *life {
	// The place in the tree is the server's, and not that of what a handler serves.
	l := &life{handlers: map[*handling]struct{}{}, silent: map[net.Conn]struct{}{}, log: errorLog(errors)}
	l.ctx, l.cancel = context.WithCancel(
		tree.WithPlace(context.WithoutCancel(ctx), tree.Place{Direct: true}))
	return l
}

// begin notes what the life serves with. It reports false if the life is over already.
func (l *life) begin(srv *http.Server, ln net.Listener) bool {
	addr, at := ln.Addr(), "" // the user's, so not under the lock
	if addr != nil {
		at = foreign.Text(addr)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.srv, l.addr, l.at = srv, addr, at
	return true
}

func (l *life) address() net.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.addr
}

// shutdown lets requests finish, closes the connections when there is no time
// left for that, and returns when no handler runs.
func (l *life) shutdown(drain time.Duration) {
	l.mu.Lock()
	srv := l.srv
	l.addr = nil
	l.mu.Unlock()
	limit, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	l.closeSilent()
	_ = srv.Shutdown(limit) // nil, the limit's error, or one of closing the listener
	// A connection that a handler has taken over is not in Shutdown's care, but the
	// handler is in ours.
	select {
	case <-l.quiet():
	case <-limit.Done():
	}
	l.close()
	<-l.quiet()
}

// closeSilent closes the connections that have not brought a request yet, and those that come
// from now on. Shutdown would wait for them as it does for requests that take long.
func (l *life) closeSilent() {
	l.mu.Lock()
	l.ending = true
	silent := l.silent
	l.silent = nil
	l.mu.Unlock()
	for c := range silent {
		l.closeConn(c)
	}
}

func (l *life) closeConn(c net.Conn) {
	defer l.recovered("Close of a connection")
	_ = c.Close()
}

// watching returns a ConnState that keeps track of silent connections, and calls the user's.
func (l *life) watching(users func(net.Conn, http.ConnState)) func(net.Conn, http.ConnState) {
	return func(c net.Conn, state http.ConnState) {
		if l.meets(c, state) {
			_ = c.Close()
		}
		if users != nil {
			l.told(users, c, state)
		}
	}
}

// meets notes whether a connection is silent. It reports whether that comes too late. One of a
// type that cannot be compared cannot be known, and the end waits for it as for a request.
func (l *life) meets(c net.Conn, state http.ConnState) (late bool) {
	known := reflect.ValueOf(c).Comparable()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case state == http.StateNew && l.ending:
		return true
	case !known:
	case state == http.StateNew:
		l.silent[c] = struct{}{}
	default:
		delete(l.silent, c)
	}
	return false
}

// close closes the listener and all connections, and ends the requests' contexts.
func (l *life) close() {
	l.mu.Lock()
	srv := l.srv
	l.closed, l.addr = true, nil
	l.mu.Unlock()
	l.cancel()
	if srv != nil {
		_ = srv.Close()
	}
}

// quiet returns a channel that is closed when no handler runs. If the life is closed, none
// runs after that.
func (l *life) quiet() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.handlers) == 0 {
		none := make(chan struct{})
		close(none)
		return none
	}
	if l.idle == nil {
		l.idle = make(chan struct{})
	}
	return l.idle
}

// basing returns a BaseContext like the user's, or the usual one, which ends when
// the life is closed.
func (l *life) basing(users func(net.Listener) context.Context) func(net.Listener) context.Context {
	return func(ln net.Listener) context.Context {
		if users == nil {
			return l.ctx
		}
		base := users(ln)
		if base == nil {
			return nil // and net/http says what is wrong
		}
		ctx, cancel := context.WithCancel(foreign.Sound(base))
		context.AfterFunc(l.ctx, cancel)
		return ctx
	}
}

// counting returns a handler that enters each request that it passes on.
func (l *life) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := &handling{method: r.Method, uri: r.RequestURI}
		if !l.enter(h) {
			panic(http.ErrAbortHandler) // or net/http may tell the client that all is well
		}
		defer l.leave(h) // also if it panics
		defer l.aborted(r.RemoteAddr)
		next.ServeHTTP(w, r)
	})
}

// enter reports false if the life is closed.
func (l *life) enter(h *handling) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.serial++
	h.serial = l.serial
	l.handlers[h] = struct{}{}
	return true
}

func (l *life) leave(h *handling) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.handlers, h)
	if len(l.handlers) == 0 && l.idle != nil {
		close(l.idle)
		l.idle = nil
	}
}

// listed is how many requests are named.
const listed = 5

// running names what runs: the oldest requests first. It is "" if nothing does.
func (l *life) running() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.srv == nil {
		return "its listener"
	}
	return l.oldest()
}

// requests returns where the server listens, and what is under way, named as running does.
func (l *life) requests() (r supervisor.Requests) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.addr != nil {
		r.Addr = l.at
	}
	r.UnderWay, r.Oldest = len(l.handlers), l.oldest()
	return r
}

// oldest names the requests, the oldest first; mu is held.
func (l *life) oldest() string {
	all := make([]*handling, 0, len(l.handlers))
	for h := range l.handlers {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b *handling) int {
		if a.serial < b.serial {
			return -1
		}
		return 1
	})
	var names []string
	for _, h := range all[:min(len(all), listed)] {
		names = append(names, h.String())
	}
	if more := len(all) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// String returns the method and the path, without the query, which may be secret.
func (h *handling) String() string {
	path, _, _ := strings.Cut(h.uri, "?")
	if len(path) > 100 {
		path = path[:100] + "…"
	}
	return h.method + " " + path
}
