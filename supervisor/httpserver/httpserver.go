/*
Package httpserver runs an http.Server as a child of a supervisor:

	supervisor.Child{Service: httpserver.New(&http.Server{Addr: ":8080", Handler: mux})}

It is up when it listens. That it can not listen is an error of its start. When it
is told to end it listens no more, closes the connections that have not brought a
request yet, and the requests under way may finish, within the time that the child
has (Child.Shutdown). When nine tenths of that time are
over the connections are closed, which ends the contexts of the requests. What has
not returned by the end of the time is cut off and listed in the *StuckError, by
method and path.

A panic in a handler ends its request, not the server: that is how net/http has
it. A server fails, and is restarted, if its listener does, or if one of the
functions BaseContext, ConnContext and ConnState panics. What panics when the server
ends, as a function of WithOnShutdown, is logged, as net/http does it (ErrorLog).

A handler that calls Stop of its own tree would wait for itself, until it is cut
off. It calls it on another goroutine, and returns.
*/
package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/supervisor"
)

// Server is a supervisor.Service that runs an http.Server. It is made by New. Its
// methods may be called by any number of goroutines at once.
type Server struct {
	// Immutable after creation.
	model      *http.Server // its exported fields; it is never served itself
	listen     func(context.Context) (net.Listener, error)
	cert, key  string // files
	useTLS     bool
	onShutdown []func()

	mu  sync.Mutex
	now *life // the present or latest one; nil before the first
}

// Option sets something about a Server when it is made.
type Option func(*Server)

// WithListener has each Serve listen with listen, instead of on the Addr of the http.Server.
// The listener is closed when that Serve ends, which waits for that for 1 s at most. net/http
// calls its connections: a Read, Close or RemoteAddr that panics ends the process there, as it
// does without this package. A nil listener without an error is an error, and so is a nil
// connection that it accepts. A nil listen panics.
func WithListener(listen func(context.Context) (net.Listener, error)) Option {
	if listen == nil {
		panic("httpserver: WithListener(nil)")
	}
	return func(s *Server) { s.listen = listen }
}

// WithTLS serves HTTPS. The names of the files may be empty if the TLSConfig of
// the http.Server has a certificate.
func WithTLS(certFile, keyFile string) Option {
	return func(s *Server) { s.useTLS, s.cert, s.key = true, certFile, keyFile }
}

// WithOnShutdown is http.Server.RegisterOnShutdown for each Serve: f is called, on a goroutine
// of its own, when the server has been told to end and its listener is closed. It is for
// connections that handlers have taken over (http.Hijacker), which do not learn of the end in
// any other way. A nil f panics.
func WithOnShutdown(f func()) Option {
	if f == nil {
		panic("httpserver: WithOnShutdown(nil)")
	}
	return func(s *Server) { s.onShutdown = append(s.onShutdown, f) }
}

// New makes a service of srv, which may be served any number of times, one after
// another. An http.Server can not be used again once it was shut down; so each
// Serve runs a new one with the same exported fields, and srv itself is left alone
// and must not be changed any more. What was registered with its
// RegisterOnShutdown is not an exported field: see WithOnShutdown. A nil srv
// panics.
func New(srv *http.Server, opts ...Option) *Server {
	if srv == nil {
		panic("httpserver: New(nil)")
	}
	s := &Server{model: srv}
	for _, o := range opts {
		if o == nil {
			panic("httpserver: nil option")
		}
		o(s)
	}
	return s
}

// made panics if the server is a nil or zero Server.
func (s *Server) made() {
	if s == nil || s.model == nil {
		panic("httpserver: a Server is made by New")
	}
}

// Name returns "http", the name of a child that is given no other.
func (s *Server) Name() string { return "http" }

// SignalsReady implements tree.Readier: the server is up when it listens.
func (s *Server) SignalsReady() bool { return true }

// Addr returns the address that the server listens on, or nil if it does not listen. If the
// port is 0, Addr has the one that was found, which is another one after each restart.
func (s *Server) Addr() net.Addr {
	if l := s.present(); l != nil {
		return l.address()
	}
	return nil
}

// Requests returns where the server listens, and the requests under way, of which it names
// the oldest by method and path.
func (s *Server) Requests() (r supervisor.Requests) {
	l := s.present()
	if l == nil {
		return r
	}
	return l.requests()
}

func (s *Server) present() *life {
	s.made()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Serve listens and serves until ctx ends. Then it goes on as long as requests are under way
// and the child has time (without a supervisor supervisor.DefaultShutdown), and returns nil.
// Otherwise it returns why it could not listen, or why listening failed.
func (s *Server) Serve(ctx context.Context) error {
	s.made()
	if ctx == nil {
		panic("httpserver: Serve with a nil context")
	}
	ctx = foreign.Sound(ctx) // it is asked on other goroutines, too
	l := newLife(ctx, s.model.ErrorLog)
	s.mu.Lock()
	s.now = l
	s.mu.Unlock()
	defer l.close()
	srv, err := s.server(l)
	if err != nil {
		return err
	}
	ln, err := s.open(ctx)
	if err != nil {
		return fmt.Errorf("httpserver: %w", err)
	}
	d := newDoor(ln, l.log)
	defer d.shut()
	l.atShutdown(srv, d, s.onShutdown)
	if !l.begin(srv, ln) { // cut off meanwhile
		return nil
	}
	return s.serve(ctx, l, srv, d)
}

func (s *Server) serve(ctx context.Context, l *life, srv *http.Server, d *door) (err error) {
	shut := make(chan struct{})
	drain := drainTime(ctx)
	ignore := context.AfterFunc(ctx, func() {
		defer close(shut)
		l.shutdown(drain)
	})
	defer ignore()
	supervisor.Ready(ctx)
	// This calls functions of the user's, whose panics are the child's. So it is not
	// on a goroutine of its own.
	if s.useTLS {
		err = srv.ServeTLS(d, "", "")
	} else {
		err = srv.Serve(d)
	}
	d.last = nil
	if !ignore() {
		<-shut
	} else if l.failed() == nil {
		return fmt.Errorf("httpserver: %w", err)
	}
	return l.failed()
}

func (s *Server) open(ctx context.Context) (net.Listener, error) {
	if s.listen != nil {
		ln, err := s.listen(ctx)
		if err == nil && ln == nil {
			err = errors.New("the function of WithListener returned neither a listener nor an error")
		}
		return ln, err
	}
	addr := s.model.Addr
	switch {
	case addr != "":
	case s.useTLS:
		addr = ":https"
	default:
		addr = ":http"
	}
	var c net.ListenConfig
	return c.Listen(ctx, "tcp", addr)
}

// server returns a new http.Server like the model, whose requests are the life's.
func (s *Server) server(l *life) (*http.Server, error) {
	srv := new(http.Server)
	to, from := reflect.ValueOf(srv).Elem(), reflect.ValueOf(s.model).Elem()
	for i := range to.NumField() {
		if to.Type().Field(i).IsExported() {
			to.Field(i).Set(from.Field(i))
		}
	}
	if s.useTLS {
		c, err := s.tlsConfig()
		if err != nil {
			return nil, err
		}
		srv.TLSConfig = c
	}
	handler := srv.Handler
	if handler == nil {
		handler = http.DefaultServeMux
	}
	srv.Handler = l.counting(handler)
	l.guard(srv)
	return srv, nil
}

// tlsConfig returns a copy, to which the http.Server may add its protocols. The certificate is
// read here, so that a failure to read it is an error of the start.
func (s *Server) tlsConfig() (*tls.Config, error) {
	c := s.model.TLSConfig.Clone()
	if c == nil {
		c = new(tls.Config)
	}
	if s.cert != "" || s.key != "" {
		pair, err := tls.LoadX509KeyPair(s.cert, s.key)
		if err != nil {
			return nil, fmt.Errorf("httpserver: certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil {
		return nil, errNoCertificate
	}
	return c, nil
}

var errNoCertificate = errors.New("httpserver: no certificate: neither a file nor one in the TLSConfig")

// CutOff implements tree.CutOffer. It is for supervisors. It closes all
// connections, and returns the requests that are still under way.
func (s *Server) CutOff(bool) (running string) {
	l := s.present()
	if l == nil {
		return ""
	}
	running = l.running()
	go l.close() // which may take a moment: TLS says goodbye
	return running
}

// drainTime returns how long requests may go on once ctx has ended: the time that the child
// has, less a tenth of it, in which handlers can return when their contexts have ended.
func drainTime(ctx context.Context) time.Duration {
	switch t := supervisor.ShutdownTime(ctx); t {
	case supervisor.Forever:
		return 1<<63 - 1
	case supervisor.AtOnce:
		return 0
	default:
		return t - t/10
	}
}
