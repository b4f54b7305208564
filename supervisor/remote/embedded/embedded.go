// Package embedded runs a NATS server in this process: the default without set-up for what
// package remote needs. A program that has a server elsewhere does not import it, and saves 10 MB.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/internal/aside"
)

// Config is what a Server may be told. The zero value listens nowhere: only this process
// connects, with Dial.
type Config struct {
	// Dir is where JetStream keeps its streams; there is none without. Each write is synced
	// (SyncAlways), so that what was acknowledged survives a power failure.
	Dir string

	// Listen is the address at which other processes connect, as "127.0.0.1:4222". Port 0
	// takes a free one, which is another one after each restart of the server: others are told
	// it by Server.URL, and would have to be told anew. "": none. One that is not of this machine alone
	// needs users or TLS, in Options: all who reach the server may call every service.
	Listen string

	// Options changes the options of the server when they are complete otherwise, for what
	// is not here: users, TLS, clusters, limits. It is called at each Serve.
	Options func(*server.Options)

	// Logger gets what the server says from warnings on, on a goroutine of its own. Default
	// slog.Default().
	Logger *slog.Logger
}

// startTime is how long a server may take to be ready.
const startTime = 10 * time.Second

// Server is a NATS server, a child of a supervisor. New makes it. It may be served again,
// and then has another server.
type Server struct {
	cfg     Config
	serving atomic.Bool
	now     atomic.Pointer[running] // nil: it is not served, or not ready
}

type running struct {
	srv  *server.Server
	addr net.Addr
}

// New declares a server. It starts with Serve.
func New(cfg Config) *Server {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Server{cfg: cfg}
}

// made panics if s is nil or a zero Server.
func (s *Server) made() {
	if s == nil || s.cfg.Logger == nil {
		panic("embedded: a Server is made by New")
	}
}

// Name returns "nats", the name of a child that is given no other.
func (s *Server) Name() string { return "nats" }

// SignalsReady tells a supervisor that the server is up when it says so: when it takes
// connections.
func (s *Server) SignalsReady() bool { return true }

// Addr returns the address at which other processes connect, or nil if there is none, or
// the server is not up.
func (s *Server) Addr() net.Addr {
	s.made()
	if r := s.now.Load(); r != nil {
		return r.addr
	}
	return nil
}

// URL returns the address as Dial of package remote takes it, or "".
func (s *Server) URL() string {
	if addr := s.Addr(); addr != nil {
		return "nats://" + addr.String()
	}
	return ""
}

// Dial returns what remote.New needs to connect in memory, without the network. It fails
// while the server is not up. opts come last, as those of remote.Dial.
func (s *Server) Dial(opts ...nats.Option) func(context.Context) (*nats.Conn, error) {
	s.made()
	return func(ctx context.Context) (*nats.Conn, error) {
		if s.now.Load() == nil {
			return nil, errors.New("embedded: the server is not up")
		}
		return remote.Dial("", append([]nats.Option{nats.InProcessServer(inProcess{s})}, opts...)...)(ctx)
	}
}

// inProcess finds the present server at each connect: after a restart it is another one.
type inProcess struct{ s *Server }

func (p inProcess) InProcessConn() (net.Conn, error) {
	if r := p.s.now.Load(); r != nil {
		return r.srv.InProcessConn()
	}
	return nil, errors.New("embedded: the server is not up")
}

// Serve runs a server until ctx ends, and returns nil then, when it has shut down. It
// returns an error if the server cannot start, or ends otherwise.
func (s *Server) Serve(ctx context.Context) error {
	s.made()
	if ctx == nil {
		panic("embedded: Serve with a nil context")
	}
	if !s.serving.CompareAndSwap(false, true) {
		return actor.ErrServed
	}
	defer s.serving.Store(false)
	opts, err := s.options()
	if err != nil {
		return err
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return fmt.Errorf("embedded: %w", err)
	}
	log := aside.NewLog(s.cfg.Logger)
	defer log.Wait()
	srv.SetLoggerV2(logger{log}, false, false, false)
	srv.Start()
	defer func() {
		s.now.Store(nil)
		srv.Shutdown()
		srv.WaitForShutdown()
	}()
	if !srv.ReadyForConnections(startTime) {
		return fmt.Errorf("embedded: the server is not ready after %v: %w", startTime, context.DeadlineExceeded)
	}
	s.now.Store(&running{srv, srv.Addr()})
	supervisor.Ready(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		srv.WaitForShutdown()
	}()
	select {
	case <-ctx.Done():
		return nil
	case <-ended:
		return errors.New("embedded: the server has shut down")
	}
}

// options returns those of the next server, or why they are refused.
func (s *Server) options() (*server.Options, error) {
	opts := &server.Options{
		NoSigs: true, NoLog: true, DontListen: true,
		JetStream: s.cfg.Dir != "", StoreDir: s.cfg.Dir, SyncAlways: true,
	}
	if s.cfg.Listen != "" {
		host, port, err := net.SplitHostPort(s.cfg.Listen)
		if err != nil {
			return nil, fmt.Errorf("embedded: Config.Listen: %w", err)
		}
		n, err := strconv.Atoi(port)
		if err != nil || n < 0 || n > 65535 {
			return nil, fmt.Errorf("embedded: Config.Listen: the port is %q", port)
		}
		if n == 0 {
			n = server.RANDOM_PORT
		}
		opts.Host, opts.Port, opts.DontListen = host, n, false
	}
	if s.cfg.Options != nil {
		s.cfg.Options(opts)
	}
	return opts, permitted(opts)
}

// logger writes what a NATS server says.
type logger struct{ log *aside.Log }

func (l logger) Noticef(string, ...any)         {}
func (l logger) Warnf(format string, v ...any)  { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }
func (l logger) Fatalf(format string, v ...any) { l.Errorf(format, v...) }
func (l logger) Errorf(format string, v ...any) { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l logger) Debugf(string, ...any)          {}
func (l logger) Tracef(string, ...any)          {}
