package httpserver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// listening is a server that listens on the pipes that it is to.
func listening(p **pipes, srv *http.Server) *httpserver.Server {
	srv.Handler = http.HandlerFunc(hello)
	srv.ErrorLog = slogDiscard()
	return httpserver.New(srv, httpserver.WithListener(func(context.Context) (net.Listener, error) { return *p, nil }))
}

// hidden is a context that package context does not know as its own, and asks therefore.
type hidden struct{ context.Context }

func (hidden) Value(any) any { return nil }

// A context of Serve that misbehaves, at whichever of its questions and also when it has
// ended, harms the goroutine that brought it, and nothing else: the server can be served again.
func TestL17ContextOfServeOfAServer(t *testing.T) {
	for _, manner := range hostile.Names {
		for at := int64(1); at < 30 && contextOfServe(t, manner, at); at++ {
		}
	}
}

// contextOfServe reports whether the context was asked that question.
func contextOfServe(t *testing.T, manner string, at int64) (reached bool) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s := listening(&p, &http.Server{})
		m, release := hostile.New(manner)
		base, end := context.WithCancel(context.Background())
		ctx := &hostile.Context{Context: hidden{base}, Manner: m, At: at}
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }()
			_ = s.Serve(ctx)
		}()
		synctest.Wait()
		if s.Addr() != nil && manner != "blocks" { // it may be held up behind its listener
			if err := <-p.request(); err != nil {
				t.Errorf("which %s at question %d: %v", manner, at, err)
			}
		}
		end()
		time.Sleep(time.Minute)
		if manner != "blocks" {
			<-over
		}
		p = newPipes()
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		if err := <-p.request(); err != nil {
			t.Errorf("afterwards, which %s at question %d: %v", manner, at, err)
		}
		stop(t, root)
		release()
		<-over
		reached = ctx.Reached()
	})
	return reached
}

// What BaseContext returns may misbehave: its requests may not be answered, and the server
// ends.
func TestL17BaseContextOfAServer(t *testing.T) {
	eachQuestion(t, func(ctx context.Context) *http.Server {
		return &http.Server{BaseContext: func(net.Listener) context.Context { return ctx }}
	}, func(t *testing.T, p *pipes, which string, answers bool) (last func()) {
		if answers {
			if err := <-p.request(); err != nil {
				t.Errorf("%s: %v", which, err)
			}
		}
		return func() {}
	})
}

// What ConnContext returns may misbehave: its requests may not be answered, and the server ends.
func TestL17ConnContextOfAServer(t *testing.T) {
	eachQuestion(t, func(ctx context.Context) *http.Server {
		return &http.Server{ConnContext: func(context.Context, net.Conn) context.Context { return ctx }}
	}, func(_ *testing.T, p *pipes, _ string, _ bool) (last func()) {
		answered := p.request()
		return func() { _ = p.Close(); <-answered }
	})
}

// eachQuestion has a server with a context that misbehaves at one question after the other, in
// each manner. use is called when the server has started, with whether it is to answer, and
// what use returns at last.
func eachQuestion(t *testing.T, server func(context.Context) *http.Server,
	use func(t *testing.T, p *pipes, which string, answers bool) (last func())) {
	for _, manner := range hostile.Names {
		for at, reached := int64(1), true; at < 30 && reached; at++ {
			synctest.Test(t, func(t *testing.T) {
				which := fmt.Sprintf("which %s at question %d", manner, at)
				p := newPipes()
				m, release := hostile.New(manner)
				base, end := context.WithCancel(context.Background())
				ctx := &hostile.Context{Context: hidden{base}, Manner: m, At: at}
				s := listening(&p, server(ctx))
				root := treeOf(supervisor.Child{Service: s, Restart: supervisor.Temporary})
				start(t, root)
				synctest.Wait()
				last := use(t, p, which, len(root.Children()) > 0 && manner != "blocks")
				synctest.Wait()
				end()
				synctest.Wait()
				root.Snapshot()
				begun := time.Now()
				_ = root.Stop(t.Context())
				if took := time.Since(begun); took > 10*time.Second {
					t.Errorf("%s: Stop took %v", which, took)
				}
				release()
				last()
				reached = ctx.Reached()
			})
		}
	}
}

// An error of the user's listener that misbehaves is a failure of the child.
func TestL17ErrorsOfAListener(t *testing.T) {
	for _, way := range []string{"listen", "accept"} {
		actortest.EachError(t, way, func(t *testing.T, _ string, err error, release func()) {
			s := httpserver.New(&http.Server{ErrorLog: slogDiscard()}, httpserver.WithListener(func(context.Context) (net.Listener, error) {
				if way == "listen" {
					return nil, err
				}
				return barred{newPipes(), err}, nil
			}))
			root := treeOf(supervisor.Child{Service: s, Restart: supervisor.Temporary, StartTimeout: time.Second})
			within, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			begun := time.Now()
			_ = root.Start(within)
			synctest.Wait()
			root.Snapshot()
			_ = root.Stop(within)
			<-root.Done()
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			release()
			synctest.Wait()
		})
	}
}

// A function that has no listener, and does not say why, fails the start.
func TestL17NoListener(t *testing.T) {
	for name, ln := range map[string]net.Listener{"nil": nil, "a nil pointer": (*net.TCPListener)(nil)} {
		synctest.Test(t, func(t *testing.T) {
			s := httpserver.New(&http.Server{ErrorLog: slogDiscard()}, httpserver.WithListener(func(context.Context) (net.Listener, error) {
				return ln, nil
			}))
			var failed *supervisor.StartError
			err := treeOf(supervisor.Child{Service: s}).Start(t.Context())
			if !errors.As(err, &failed) || failed.Child != "web/http" || ln == nil && !strings.Contains(err.Error(), "WithListener") {
				t.Errorf("%s: Start = %v", name, err)
			}
			synctest.Wait()
		})
	}
}

// A listener that accepts a nil connection, without an error, fails: net/http is not given it.
func TestL17NoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := httpserver.New(&http.Server{ErrorLog: slogDiscard()}, httpserver.WithListener(func(context.Context) (net.Listener, error) {
			return barred{newPipes(), nil}, nil
		}))
		end, returned := served(t, s)
		defer end()
		if err := <-returned; err == nil || !strings.Contains(err.Error(), "nil connection") {
			t.Errorf("Serve = %v", err)
		}
	})
}

// barred is a listener that accepts nothing.
type barred struct {
	*pipes
	err error
}

func (f barred) Accept() (net.Conn, error) { return nil, f.err }
