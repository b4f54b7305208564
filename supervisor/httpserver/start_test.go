package httpserver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// When Start has returned the server answers, and has an address; when Stop has,
// neither.
func TestSUPHTTPUpWhenListening(t *testing.T) {
	s := server(hello)
	if s.Addr() != nil {
		t.Errorf("Addr() = %v before it was served", s.Addr())
	}
	root := treeOf(supervisor.Child{Service: s})
	start(t, root)
	addr := s.Addr().String()
	expectHello(t, s)
	if c := root.Children()[0]; c.Path != "web/http" || c.State != supervisor.Up {
		t.Errorf("%+v", c)
	}
	stop(t, root)
	if s.Addr() != nil {
		t.Errorf("Addr() = %v after Stop", s.Addr())
	}
	if _, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Dial = %v", err)
	}
}

func TestSUPHTTPPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := httpserver.New(&http.Server{Addr: ln.Addr().String()})
	err = treeOf(supervisor.Child{Service: s}).Start(t.Context())
	var start *supervisor.StartError
	if !errors.As(err, &start) || start.Child != "web/http" || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("Start = %v", err)
	}
}

// What else keeps it from listening is an error of its start, too.
func TestSUPHTTPStartErrors(t *testing.T) {
	errListen := errors.New("listen")
	noListener := func(context.Context) (net.Listener, error) { return nil, errListen }
	for name, s := range map[string]*httpserver.Server{
		"listener":       server(hello, httpserver.WithListener(noListener)),
		"no certificate": server(hello, httpserver.WithTLS("", "")),
		"no such file":   server(hello, httpserver.WithTLS("no/such/file", "no/such/file")),
		"address":        httpserver.New(&http.Server{Addr: "no address"}),
	} {
		err := treeOf(supervisor.Child{Service: s}).Start(t.Context())
		var start *supervisor.StartError
		if !errors.As(err, &start) || name == "listener" && !errors.Is(err, errListen) {
			t.Errorf("%s: Start = %v", name, err)
		}
	}
}

// The one who is restarted is a new http.Server, because the old one is of no use
// any more; the handle is the same.
func TestSUPHTTPRestart(t *testing.T) {
	s := server(hello)
	root := treeOf(supervisor.Child{Service: s})
	start(t, root)
	for range 3 {
		expectHello(t, s)
		if err := root.Terminate(t.Context(), "http"); err != nil {
			t.Fatal(err)
		}
		if err := root.Restart(t.Context(), "http"); err != nil {
			t.Fatal(err)
		}
	}
	expectHello(t, s)
	stop(t, root)
}

// failing is a listener that fails when it is told to.
type failing struct {
	net.Listener
	fail <-chan error
}

func (l failing) Accept() (net.Conn, error) { return nil, <-l.fail }

// A listener that fails is a failure of the child, which is restarted.
func TestSUPHTTPListenerFails(t *testing.T) {
	lives := 0
	fail := make(chan error, 1)
	s := server(hello, httpserver.WithListener(func(context.Context) (net.Listener, error) {
		ln, err := net.Listen("tcp", anyPort)
		if lives++; lives == 1 {
			ln = failing{ln, fail}
		}
		return ln, err
	}))
	events := make(chan supervisor.Event, 10)
	root := supervisor.New("web", supervisor.Spec{
		Logger: quiet, OnEvent: func(e supervisor.Event) { events <- e },
		Children: []supervisor.Child{{Service: s}},
	})
	start(t, root)
	<-events
	fail <- net.ErrClosed
	if e := <-events; e.Kind != supervisor.Exited || !errors.Is(e.Err, net.ErrClosed) {
		t.Errorf("%+v", e)
	}
	for e := range events {
		if e.Kind == supervisor.Started {
			break
		}
	}
	expectHello(t, s)
	stop(t, root)
}

// So is a panic in a function that net/http calls between two requests; one in a
// handler is not.
func TestSUPHTTPPanics(t *testing.T) {
	events := make(chan supervisor.Event, 10)
	bad := true
	s := httpserver.New(&http.Server{
		Addr:     anyPort,
		ErrorLog: slogDiscard(),
		Handler:  http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("handler") }),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			if bad {
				bad = false
				panic("context")
			}
			return ctx
		},
	})
	root := supervisor.New("web", supervisor.Spec{
		Logger: quiet, OnEvent: func(e supervisor.Event) { events <- e },
		Children: []supervisor.Child{{Service: s}},
	})
	start(t, root)
	<-events
	if _, err := get(client(t), s, "/"); err == nil {
		t.Error("there was an answer")
	}
	var p *actor.PanicError
	if e := <-events; e.Kind != supervisor.Exited || !errors.As(e.Err, &p) || p.Value != "context" {
		t.Errorf("%+v", e)
	}
	<-events
	if e := <-events; e.Kind != supervisor.Started {
		t.Errorf("%+v", e)
	}
	if _, err := get(client(t), s, "/"); err == nil {
		t.Error("there was an answer")
	}
	stop(t, root)
	for len(events) > 0 {
		if e := <-events; e.Kind != supervisor.Stopped {
			t.Errorf("after the panic in a handler: %+v", e)
		}
	}
}

func TestSUPHTTPWithTLS(t *testing.T) {
	model := httptest.NewUnstartedServer(nil)
	model.StartTLS() // for its certificate
	model.Close()
	pool := x509.NewCertPool()
	pool.AddCert(model.Certificate())
	s := httpserver.New(&http.Server{
		Addr: anyPort, Handler: http.HandlerFunc(hello),
		TLSConfig: &tls.Config{Certificates: model.TLS.Certificates},
	}, httpserver.WithTLS("", ""))
	root := treeOf(supervisor.Child{Service: s})
	start(t, root)
	for range 2 {
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
		got, err := fetch(&http.Client{Transport: tr}, "https://"+s.Addr().String())
		if got != "hello" || err != nil {
			t.Errorf("GET = %q, %v", got, err)
		}
		tr.CloseIdleConnections()
		if err := root.Terminate(t.Context(), "http"); err != nil {
			t.Fatal(err)
		}
		if err := root.Restart(t.Context(), "http"); err != nil {
			t.Fatal(err)
		}
	}
	stop(t, root)
}

// Without a supervisor it is served like anything with a Serve.
func TestSUPHTTPAlone(t *testing.T) {
	s := server(hello)
	up := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	place := tree.Place{Ready: func() { close(up) }}
	result := make(chan error, 1)
	go func() { result <- s.Serve(tree.WithPlace(ctx, place)) }()
	<-up
	expectHello(t, s)
	cancel()
	if err := <-result; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

func TestSUPHTTPMisuse(t *testing.T) {
	for name, f := range map[string]func(){
		"server":   func() { httpserver.New(nil) },
		"listener": func() { httpserver.WithListener(nil) },
		"shutdown": func() { httpserver.WithOnShutdown(nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// Requests says where the server listens and what is under way, and Snapshot shows it.
func TestSUPHTTPRequests(t *testing.T) {
	goOn := make(chan struct{})
	entered := make(chan struct{})
	s := server(func(http.ResponseWriter, *http.Request) { entered <- struct{}{}; <-goOn })
	if r := s.Requests(); r != (supervisor.Requests{}) {
		t.Errorf("before: %+v", r)
	}
	root := treeOf(supervisor.Child{Service: s})
	start(t, root)
	c := client(t)
	answers := make(chan error)
	for range 2 {
		go func() {
			_, err := get(c, s, "/slow?secret=1")
			answers <- err
		}()
		<-entered
	}
	want := supervisor.Requests{Addr: s.Addr().String(), UnderWay: 2, Oldest: "GET /slow, GET /slow"}
	if r := root.Snapshot().Children[0].Requests; r == nil || *r != want {
		t.Errorf("under way: %+v, want %+v", r, want)
	}
	close(goOn)
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	stop(t, root)
	if r := s.Requests(); r != (supervisor.Requests{}) {
		t.Errorf("afterwards: %+v", r)
	}
}
