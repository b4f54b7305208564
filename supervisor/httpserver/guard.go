package httpserver

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/where"
)

// net/http calls functions of the user's on goroutines of its own. On the goroutine of Serve they
// may panic: that is a panic of the child. All other panics would end the process, or leave a
// connection open, and are guarded here.

// guard takes over what srv has of the user's.
func (l *life) guard(srv *http.Server) {
	srv.ErrorLog = l.log
	srv.BaseContext = l.basing(srv.BaseContext)
	if users := srv.ConnContext; users != nil {
		srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
			if ctx = users(ctx, c); ctx == nil {
				return nil // and net/http says what is wrong
			}
			return foreign.Sound(ctx) // contexts of requests are made of it
		}
	}
	srv.ConnState = l.watching(srv.ConnState)
}

// atShutdown has all called when the server has been told to end and its listener is closed.
func (l *life) atShutdown(srv *http.Server, d *door, all []func()) {
	for _, f := range all {
		srv.RegisterOnShutdown(func() {
			defer l.recovered("a function of WithOnShutdown")
			<-d.closed
			f()
		})
	}
}

// told calls the user's ConnState. Only for the first state of a connection it is called on the
// goroutine of Serve; for others a panic may not be caught by net/http, so it ends the server.
func (l *life) told(users func(net.Conn, http.ConnState), c net.Conn, state http.ConnState) {
	if state != http.StateNew {
		defer func() {
			if v := recover(); v != nil {
				l.fail(v, users)
			}
		}()
	}
	users(c, state)
}

// fail has Serve return that a function of the user's has panicked. It is called by a deferred
// function.
func (l *life) fail(value any, function any) {
	var err error = &foreign.Panicked{Value: "with a value that does not say what it is"}
	defer func() { // also if asking the value ends the goroutine
		l.failure.CompareAndSwap(nil, &err)
		go l.close()
	}()
	err = actor.NewPanicError(value, "http", function)
}

// failed returns why the server fails, if it does.
func (l *life) failed() error {
	if err := l.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// recovered, deferred, logs a panic of a function that is called when nothing can fail any more.
func (l *life) recovered(what string) {
	if v := recover(); v != nil {
		l.log.Printf("httpserver: %s panicked: %s\n%s", what, foreign.Text(v), where.Panicked())
	}
}

// aborted logs a panic of a handler, deferred, as net/http does. But net/http formats the value,
// and fmt passes on the panic of a value that panics with itself when it is formatted: that ends
// the process. And a Goexit there, or of the log, leaves the connection open.
func (l *life) aborted(client string) {
	v := recover()
	if v == nil {
		return
	}
	defer panic(http.ErrAbortHandler) // ends the request, also if asking the value ends the goroutine
	if v == http.ErrAbortHandler {
		return
	}
	said := "a value that does not say what it is"
	defer func() { l.log.Printf("http: panic serving %s: %s\n%s", client, said, debug.Stack()) }()
	said = foreign.Text(v)
}

// relay takes records to the user's log. If that panics the record is lost.
type relay struct{ to *log.Logger }

// relayDepth is how far above Write the line is that logs, for a log that names the line.
const relayDepth = 4

func (r relay) Write(record []byte) (int, error) {
	defer func() { _ = recover() }()
	return len(record), r.to.Output(relayDepth, string(record))
}

// errorLog returns the log of a server, for its ErrorLog.
func errorLog(users *log.Logger) *log.Logger {
	if users == nil {
		users = log.Default()
	}
	return log.New(relay{users}, "", 0)
}

// door is a listener that remembers the connection that it let in last. If a function that
// net/http calls for that connection panics, only door knows of it.
type door struct {
	net.Listener
	last   net.Conn // Serve's goroutine's
	log    *log.Logger
	once   sync.Once
	closed chan struct{} // closed when the listener is, or has not returned in time
}

func newDoor(ln net.Listener, log *log.Logger) *door {
	return &door{Listener: ln, log: log, closed: make(chan struct{})}
}

func (d *door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err == nil && c == nil { // net/http would ask it for its address, on a goroutine of its own
		err = errors.New("the listener accepted a nil connection")
	}
	d.last = c
	return c, err
}

// Close has the listener closed, once, and does not wait: net/http calls it under a lock, and
// the listener may be the user's.
func (d *door) Close() error {
	d.once.Do(func() {
		go func() {
			defer close(d.closed)
			if _, no := foreign.Ask(new(foreign.Questions), "Close", d.Listener.Close); no != nil {
				d.log.Printf("httpserver: Close of the listener %v", no)
			}
		}()
	})
	return nil
}

// shut closes what is still open, and waits for the listener.
func (d *door) shut() {
	_ = d.Close()
	<-d.closed
	if d.last != nil {
		_ = d.last.Close()
	}
}
