package httpserver_test

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// served runs a server, and returns what ends it, and where comes what its Serve returns.
func served(t *testing.T, s *httpserver.Server) (end func(), returned <-chan error) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	errs := make(chan error, 1)
	go func() {
		defer close(errs)
		defer func() {
			if v := recover(); v != nil {
				errs <- errors.New("it panicked")
			}
		}()
		errs <- s.Serve(ctx)
	}()
	synctest.Wait()
	return end, errs
}

func (p *pipes) listener() httpserver.Option { return httpserver.WithListener(p.listen) }

// A ConnState that panics ends the server, whatever it is told of; one that ends its goroutine,
// or does not return, holds up that connection.
func TestL17ConnStateOfAServer(t *testing.T) {
	for _, state := range []http.ConnState{http.StateActive, http.StateClosed} {
		actortest.EachManner(t, state.String(), func(t *testing.T, m hostile.Manner, release func()) {
			var acted atomic.Bool
			p := newPipes()
			s := httpserver.New(&http.Server{
				ErrorLog: slogDiscard(), Handler: http.HandlerFunc(hello),
				ConnState: func(_ net.Conn, now http.ConnState) {
					if now == state && acted.CompareAndSwap(false, true) {
						m.Act()
					}
				},
			}, p.listener())
			end, returned := served(t, s)
			defer end()
			first := p.request()
			synctest.Wait()
			if strings.HasPrefix(m.Name, "panics") {
				var crash *actor.PanicError
				if err := <-returned; !errors.As(err, &crash) || !strings.Contains(crash.Func, "TestL17ConnStateOfAServer") ||
					!strings.Contains(string(crash.Stack()), "hostile") {
					t.Errorf("Serve = %v, of %+v", err, crash)
				}
				<-first
				return
			}
			if err := <-p.request(); err != nil {
				t.Error(err)
			}
			end()
			if err := <-returned; err != nil {
				t.Error(err)
			}
			release()
			<-first
		})
	}
}

// What a function of WithOnShutdown panics with is logged, and the server ends as it does
// otherwise.
func TestL17OnShutdownOfAServer(t *testing.T) {
	actortest.EachManner(t, "f", func(t *testing.T, m hostile.Manner, _ func()) {
		var said written
		p := newPipes()
		s := httpserver.New(&http.Server{ErrorLog: log.New(&said, "", 0), Handler: http.HandlerFunc(hello)},
			p.listener(), httpserver.WithOnShutdown(m.Act))
		end, returned := served(t, s)
		end()
		if err := <-returned; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if panicked := strings.Contains(said.String(), "httpserver: a function of WithOnShutdown panicked: "); panicked != strings.HasPrefix(m.Name, "panics") {
			t.Errorf("the log: %q", &said)
		}
	})
}

// written is what was written, at any time.
type written struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// odd is a listener of which one method misbehaves.
type odd struct {
	*pipes
	hostile.Manner
	method string
}

func (o odd) act(method string) {
	if o.method == method {
		o.Act()
	}
}

func (o odd) Accept() (net.Conn, error) { o.act("Accept"); return o.pipes.Accept() }
func (o odd) Close() error              { _ = o.pipes.Close(); o.act("Close"); return nil }

func (o odd) Addr() net.Addr {
	o.act("Addr")
	return oddAddr{o}
}

// oddAddr is its address.
type oddAddr struct{ o odd }

func (oddAddr) Network() string  { return "odd" }
func (a oddAddr) String() string { a.o.act("String"); return "odd" }

// A listener that misbehaves harms one Serve: who looks is not held up, and requests under way
// are answered.
func TestL17ListenersOfAServer(t *testing.T) {
	for _, method := range []string{"Accept", "Close", "Addr", "String"} {
		actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, release func()) {
			var said written
			p, hold := newPipes(), make(chan struct{})
			s := httpserver.New(&http.Server{ErrorLog: log.New(&said, "", 0), Handler: http.HandlerFunc(
				func(w http.ResponseWriter, r *http.Request) { <-hold; hello(w, r) })},
				httpserver.WithListener(func(context.Context) (net.Listener, error) { return odd{p, m, method}, nil }))
			root := treeOf(supervisor.Child{Service: s, Restart: supervisor.Temporary, Shutdown: 10 * time.Second, StartTimeout: time.Second})
			_ = root.Start(t.Context())
			synctest.Wait()
			s.Addr()
			s.Requests()
			root.Snapshot()
			var answered <-chan error
			if method == "Close" {
				answered = p.request()
				synctest.Wait()
			}
			ended := make(chan error, 1)
			begun := time.Now()
			go func() { ended <- root.Stop(t.Context()) }()
			time.Sleep(2 * time.Second) // it knows what its listener does
			close(hold)
			if method == "Close" {
				if err := <-answered; err != nil {
					t.Error(err)
				}
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if !strings.Contains(said.String(), "httpserver: Close of the listener ") {
					t.Errorf("the log: %q", &said)
				}
			} else {
				<-ended
			}
			if took := time.Since(begun); took > 15*time.Second {
				t.Errorf("Stop took %v", took)
			}
			s.Requests()
			release()
			_ = p.Close()
			synctest.Wait()
		})
	}
}

// What ConnContext returns may have ended, and say nothing of why.
func TestL17ConnContextThatIsHollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		over := make(chan struct{})
		close(over)
		s := listening(&p, &http.Server{ConnContext: func(ctx context.Context, _ net.Conn) context.Context { return empty{hidden{ctx}, over} }})
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		if err := <-p.request(); err != nil {
			t.Error(err)
		}
		stop(t, root)
	})
}

// empty is a context that has ended and does not say why.
type empty struct {
	context.Context
	over chan struct{}
}

func (e empty) Done() <-chan struct{} { return e.over }
func (empty) Err() error              { return nil }

// A log that panics loses the record: net/http writes it where a panic of a handler has been
// caught already.
func TestL17ErrorLogOfAServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		writes := 0
		s := httpserver.New(&http.Server{
			ErrorLog: log.New(writer(func([]byte) { writes++; panic("log") }), "", 0),
			Handler:  http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("handler") }),
		}, p.listener())
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		for range 2 {
			if err := <-p.request(); err == nil {
				t.Error("it is answered")
			}
		}
		if writes != 2 {
			t.Errorf("%d records", writes)
		}
		stop(t, root)
	})
}

// What net/http logs comes with the line where it does.
func TestErrorLogTellsTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		var said written
		s := httpserver.New(&http.Server{
			ErrorLog: log.New(&said, "web: ", log.Lshortfile|log.Lmsgprefix),
			Handler:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); w.WriteHeader(200) }),
		}, p.listener())
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		<-p.request()
		stop(t, root)
		if text := said.String(); !strings.HasPrefix(text, "server.go:") || !strings.Contains(text, ": web: http: superfluous ") {
			t.Error(text)
		}
	})
}

// A handler that panics, with whatever value, and whatever the log does with that, ends its
// request: the client is told, the next one is answered.
func TestL17HandlersOfAServer(t *testing.T) {
	values := map[string]func(hostile.Manner) any{
		"an error":    func(m hostile.Manner) any { return &hostile.Error{Manner: m} },
		"a Stringer":  func(m hostile.Manner) any { return &hostile.Stringer{Manner: m} },
		"a string":    func(hostile.Manner) any { return "plain" },
		"an abortion": func(hostile.Manner) any { return http.ErrAbortHandler },
	}
	for what, value := range values {
		actortest.EachManner(t, what, func(t *testing.T, m hostile.Manner, release func()) {
			var said written
			var asked atomic.Bool
			p := newPipes()
			s := httpserver.New(&http.Server{
				ErrorLog: log.New(writer(func(record []byte) { _, _ = said.Write(record); m.Act() }), "", 0),
				Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if asked.CompareAndSwap(false, true) {
						panic(value(m))
					}
					hello(w, r)
				}),
			}, p.listener())
			root := treeOf(supervisor.Child{Service: s})
			start(t, root)
			failed := p.request()
			synctest.Wait()
			if n := s.Requests().UnderWay; m.Name != "blocks" && n != 0 {
				t.Errorf("%d requests are under way", n)
			}
			release()
			if err := <-failed; err == nil {
				t.Error("it is answered")
			}
			if err := <-p.request(); err != nil {
				t.Error(err)
			}
			stop(t, root)
			text := said.String()
			tells := strings.Contains(text, "http: panic serving ") && strings.Contains(text, "TestL17HandlersOfAServer")
			if tells != (what != "an abortion") || strings.Contains(text, "abort Handler") {
				t.Errorf("the log: %q", text)
			}
		})
	}
}

// writer is an io.Writer of a function.
type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

// touchy is a connection whose Close panics when it is called first.
type touchy struct {
	net.Conn
	closed *atomic.Bool
}

func (c touchy) Close() error {
	first := c.closed.CompareAndSwap(false, true) // before net/http is told, which closes it then
	_ = c.Conn.Close()
	if first {
		panic("touchy")
	}
	return nil
}

// A connection that has brought no request is closed when the server ends, also if that panics.
func TestL17ConnectionsThatAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said written
		p := newPipes()
		s := httpserver.New(&http.Server{ErrorLog: log.New(&said, "", 0), Handler: http.HandlerFunc(hello)}, p.listener())
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		here, there := net.Pipe()
		p.conns <- touchy{there, new(atomic.Bool)}
		synctest.Wait()
		stop(t, root)
		_ = here.Close()
		if !strings.Contains(said.String(), "httpserver: Close of a connection panicked: touchy") {
			t.Errorf("the log: %q", &said)
		}
	})
}

// loose is a connection of a type that cannot be compared.
type loose struct {
	net.Conn
	_ func()
}

// A connection may be of a type that cannot be compared.
func TestConnectionThatCannotBeCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s := listening(&p, &http.Server{})
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		here, there := net.Pipe()
		p.conns <- loose{Conn: there}
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil },
		}}
		if text, err := fetch(client, "http://pipe/"); err != nil || text != "hello" {
			t.Errorf("it is answered %q, %v", text, err)
		}
		stop(t, root)
	})
}

// lingers is a listener whose Close takes a while.
type lingers struct {
	net.Listener
	closed *atomic.Bool
}

func (l lingers) Close() error {
	time.Sleep(time.Millisecond)
	l.closed.Store(true)
	return l.Listener.Close()
}

// A function of WithOnShutdown finds that nothing listens any more.
func TestOnShutdownComesWhenTheListenerIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed, found := new(atomic.Bool), make(chan bool, 1)
		s := httpserver.New(&http.Server{Handler: http.HandlerFunc(hello)},
			httpserver.WithListener(func(context.Context) (net.Listener, error) {
				return lingers{newPipes(), closed}, nil
			}), httpserver.WithOnShutdown(func() { found <- closed.Load() }))
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		stop(t, root)
		if !<-found {
			t.Error("it listens still")
		}
	})
}
