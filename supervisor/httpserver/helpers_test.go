package httpserver_test

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"testing"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

var quiet = slog.New(slog.DiscardHandler)

const anyPort = "127.0.0.1:0"

// server serves h somewhere.
func server(h http.HandlerFunc, opts ...httpserver.Option) *httpserver.Server {
	return httpserver.New(&http.Server{Addr: anyPort, Handler: h}, opts...)
}

// treeOf returns a supervisor of c that logs nothing.
func treeOf(c supervisor.Child) *supervisor.Supervisor {
	return supervisor.New("web", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{c}})
}

func start(t *testing.T, s *supervisor.Supervisor) {
	t.Helper()
	if err := s.Start(t.Context()); err != nil {
		t.Fatalf("Start = %v", err)
	}
}

func stop(t *testing.T, s *supervisor.Supervisor) {
	t.Helper()
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("Stop = %v", err)
	}
}

// client keeps no connections.
func client(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// get returns the body of an answer, or the error.
func get(c *http.Client, s *httpserver.Server, path string) (string, error) {
	addr := s.Addr()
	if addr == nil {
		return "", fmt.Errorf("%s does not listen", s.Name())
	}
	return fetch(c, "http://"+addr.String()+path)
}

func fetch(c *http.Client, url string) (string, error) {
	r, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return string(b), err
}

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }

// expectHello asks the server for something.
func expectHello(t *testing.T, s *httpserver.Server) {
	t.Helper()
	if got, err := get(client(t), s, "/"); got != "hello" || err != nil {
		t.Errorf("GET / = %q, %v", got, err)
	}
}

// answer is what came of a request.
type answer struct {
	body string
	err  error
}

// request asks on a goroutine and returns where the answer comes.
func request(c *http.Client, s *httpserver.Server, path string) <-chan answer {
	answers := make(chan answer, 1)
	go func() {
		body, err := get(c, s, path)
		answers <- answer{body, err}
	}()
	return answers
}

func slogDiscard() *log.Logger { return log.New(io.Discard, "", 0) }
