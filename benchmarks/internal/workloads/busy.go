package workloads

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
)

// busy is what services and the rest of a program do to each other when there are not
// enough processors.
func busy() []*Workload { return []*Workload{busyCall(), busyHTTP()} }

func busyCall() *Workload {
	const (
		name      = "busy/call"
		computing = 4
	)
	ps := []float64{50, 99}
	return &Workload{
		Name:    name,
		About:   fmt.Sprintf("latency of calls beside %d goroutines that only compute", computing),
		Ops:     400_000, // so that there are many of the scheduler's time slices, of 10 ms
		Quick:   50_000,
		Rounds:  3,
		Figures: percentiles(name, ps...),
		Has:     startsServices,
		Run: func(m *Meter, s *systems.System, ops int) error {
			took, err := callTimes(m, s, ops, func() (end func() error, err error) {
				return startComputers(computing).end, nil
			})
			if err != nil {
				return err
			}
			m.reportPercentiles(name, took, ps...)
			return nil
		},
	}
}

func busyHTTP() *Workload {
	const name = "busy/http"
	ps := []float64{50, 99}
	return &Workload{
		Name: name,
		About: fmt.Sprintf("latency of an HTTP handler in the same process, over loopback, while %d senders flood a service",
			floodSenders),
		Ops:     2_000,
		Quick:   150,
		Rounds:  3,
		Figures: percentiles(name, ps...),
		Has:     func(s *systems.System) bool { return startsServices(s) || s.Flood != nil },
		Run: func(m *Meter, s *systems.System, ops int) error {
			server, err := serveHTTP()
			if err != nil {
				return err
			}
			f, err := startFlood(s)
			if err != nil {
				return errors.Join(err, server.close())
			}
			m.Start()
			took, err := latencies(ops, patience(ops, time.Millisecond), server.get)
			m.Stop()
			if err := errors.Join(err, f.end(), server.close()); err != nil {
				return err
			}
			m.reportPercentiles(name, took, ps...)
			return expect("requests that the handler saw", server.seen, len(took)+1)
		},
	}
}

// httpServer is a server with one handler, and its only client.
type httpServer struct {
	http.Server
	url    string
	client http.Client
	seen   int // the handler's; there is one request at a time
	served chan error
}

// serveHTTP starts the server. The connection is made by a first request.
func serveHTTP() (*httpServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &httpServer{url: "http://" + listener.Addr().String(), served: make(chan error, 1)}
	s.client.Transport = new(http.Transport) // not the one of the process: no proxy, and its own connections
	s.client.Timeout = time.Minute
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.seen++
		_, _ = io.WriteString(w, answer)
	})
	go func() { s.served <- s.Serve(listener) }()
	if err := s.get(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

const answer = "well\n"

func (s *httpServer) get() error {
	response, err := s.client.Get(s.url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && string(text) != answer {
		err = fmt.Errorf("the handler answered %q", text)
	}
	return err
}

func (s *httpServer) close() error {
	s.client.CloseIdleConnections()
	err := s.Shutdown(context.Background())
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
