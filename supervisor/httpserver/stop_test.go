package httpserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// long is much longer than a test takes, so that nothing here depends on it.
const long = time.Hour

// short is a time that is meant to run out.
const short = 50 * time.Millisecond

// waiting is a handler that tells when it has begun, and waits.
func waiting(begun, goOn chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-goOn
		io.WriteString(w, "finished")
	}
}

// Requests that are under way when the tree is stopped are answered, and Stop
// returns after that; new ones are refused meanwhile.
func TestSUPHTTPRequestsFinish(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	told := make(chan struct{})
	s := server(waiting(begun, goOn), httpserver.WithOnShutdown(func() { close(told) }))
	root := treeOf(supervisor.Child{Service: s, Shutdown: long})
	start(t, root)
	c := client(t)
	var answers []<-chan answer
	for range 3 {
		answers = append(answers, request(c, s, "/slow"))
		<-begun
	}
	addr := s.Addr().String()
	stopped := make(chan error, 1)
	go func() { stopped <- root.Stop(context.Background()) }()
	<-told
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("it listens while it ends")
	}
	select {
	case err := <-stopped:
		t.Errorf("Stop = %v while requests were under way", err)
	default:
	}
	close(goOn)
	for _, a := range answers {
		if got := <-a; got.body != "finished" || got.err != nil {
			t.Errorf("%+v", got)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("Stop = %v", err)
	}
}

// A handler that never returns is cut off when the child's time is over, and
// listed; its client learns it. The next incarnation does not wait for it.
func TestSUPHTTPHandlerNeverReturns(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	var returned atomic.Bool
	s := server(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			begun <- struct{}{}
			<-goOn
			returned.Store(true)
		}
		hello(w, r)
	})
	root := treeOf(supervisor.Child{Service: s, Shutdown: short})
	start(t, root)
	hanging := request(client(t), s, "/hang?password=x")
	<-begun
	if err := root.Terminate(t.Context(), "http"); err != nil {
		t.Fatal(err)
	}
	if a := <-hanging; a.err == nil {
		t.Errorf("%+v", a)
	}
	if err := root.Restart(t.Context(), "http"); err != nil {
		t.Fatal(err)
	}
	expectHello(t, s)
	err := root.Stop(context.Background())
	var stuck *supervisor.StuckError
	if !errors.As(err, &stuck) || stuck.Children[0].Running != "GET /hang" {
		t.Errorf("Stop = %v", err)
	}
	if returned.Load() {
		t.Error("the handler returned by itself")
	}
	close(goOn)
}

// AtOnce waits for nobody, and lists nobody.
func TestSUPHTTPAtOnce(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := server(waiting(begun, goOn))
	root := treeOf(supervisor.Child{Service: s, Shutdown: supervisor.AtOnce})
	start(t, root)
	a := request(client(t), s, "/")
	<-begun
	stop(t, root)
	if a := <-a; a.err == nil {
		t.Errorf("%+v", a)
	}
	close(goOn)
}

// Many requests are listed by the oldest and a number.
func TestSUPHTTPManyHang(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := server(waiting(begun, goOn))
	root := treeOf(supervisor.Child{Service: s, Shutdown: short})
	start(t, root)
	c := client(t)
	for i := range 8 {
		request(c, s, "/"+strings.Repeat("x", 20*i))
		<-begun
	}
	err := root.Stop(context.Background())
	var stuck *supervisor.StuckError
	if !errors.As(err, &stuck) || !strings.HasPrefix(stuck.Children[0].Running, "GET /, GET /xxx") ||
		!strings.HasSuffix(stuck.Children[0].Running, ", 3 more") {
		t.Errorf("Stop = %v", err)
	}
	close(goOn)
}

// A connection that has not brought a request is not waited for: nothing is under way in
// it. What is, goes on meanwhile, and the user's ConnState is told of all of them.
func TestSUPHTTPConnectionWithoutARequest(t *testing.T) {
	var mu sync.Mutex
	states := map[http.ConnState]int{}
	three := make(chan struct{})
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := httpserver.New(&http.Server{Addr: anyPort, Handler: waiting(begun, goOn), ConnState: func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if states[state]++; state == http.StateNew && states[state] == 3 {
			close(three)
		}
	}})
	root := treeOf(supervisor.Child{Service: s, Shutdown: supervisor.Forever})
	start(t, root)
	answered := request(client(t), s, "/slow")
	<-begun
	silent := make([]net.Conn, 2)
	for i, sent := range []string{"", "GET / HTTP/1.1\r\nHost:"} { // a half is none
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, sent); err != nil {
			t.Fatal(err)
		}
		silent[i] = c
	}
	<-three
	stopped := make(chan error, 1)
	go func() { stopped <- root.Stop(context.Background()) }()
	for _, c := range silent {
		if _, err := io.ReadAll(c); err != nil && !errors.Is(err, syscall.ECONNRESET) { // hangs, or ends as the server has closed it
			t.Errorf("a silent connection: %v", err)
		}
	}
	select {
	case err := <-stopped:
		t.Errorf("Stop = %v while a request was under way", err)
	default:
	}
	close(goOn)
	if a := <-answered; a.body != "finished" || a.err != nil {
		t.Errorf("the request under way: %+v", a)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Stop = %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if states[http.StateNew] != 3 || states[http.StateActive] == 0 {
		t.Errorf("ConnState was told of %v", states)
	}
}
