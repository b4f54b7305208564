package storm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// web is what has to do with servers: one of the tree, and those that are made for a while.
type web struct {
	server  *httpserver.Server
	clients []*http.Client
	tls     *tls.Config

	serials  atomic.Uint64
	requests sync.Map // of *asked by its number, as the client has it
	handlers sync.WaitGroup
	answered atomic.Int64
	failed   atomic.Int64
}

// asked is a request, and what its handler has done.
type asked struct {
	how          int
	act          func(context.Context) error
	to           *target
	k            *ticket
	begun, ended atomic.Int32
}

// newWeb returns the supervisor of a server of the tree.
func (w *world) newWeb(backoff *supervisor.Backoff) *supervisor.Supervisor {
	w.web.clients = []*http.Client{w.client(false), w.client(true)}
	sample := httptest.NewUnstartedServer(nil)
	sample.StartTLS()
	w.web.tls = &tls.Config{Certificates: sample.TLS.Certificates}
	sample.Close()
	w.web.server = w.newServer()
	return supervisor.New("front", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited,
		Children:    []supervisor.Child{{Service: w.web.server, Shutdown: 20 * time.Millisecond, Backoff: backoff}},
	})
}

// client asks no context of a user's: what misbehaves is the server's.
func (w *world) client(once bool) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: once, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
}

// newServer makes one whose functions misbehave now and then.
func (w *world) newServer(more ...httpserver.Option) *httpserver.Server {
	srv := &http.Server{
		Handler:  http.HandlerFunc(w.serveHTTP),
		ErrorLog: log.New(badWriter{w}, "", 0),
		BaseContext: func(net.Listener) context.Context {
			w.rarely(64)
			return w.hostile(context.Background(), 8)
		},
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			w.rarely(512)
			return w.hostile(ctx, 8)
		},
		ConnState: func(net.Conn, http.ConnState) { w.rarely(1024) },
	}
	return httpserver.New(srv, append([]httpserver.Option{
		httpserver.WithListener(w.listen),
		httpserver.WithOnShutdown(func() { w.rarely(4) }),
	}, more...)...)
}

// rarely misbehaves once in n.
func (w *world) rarely(n uint64) {
	if i := uint64(w.numbers.Add(1)); i%n == 0 {
		w.values.manner(i / n)()
	}
}

// hostile returns ctx, or once in n one that misbehaves.
func (w *world) hostile(ctx context.Context, n uint64) context.Context {
	if i := uint64(w.numbers.Add(1)); i%n == 0 {
		return &hostile.Context{Context: ctx, Manner: hostile.Manner{Act: w.values.manner(i / n)}, At: int64(i / n % 8)}
	}
	return ctx
}

// listen fails now and then, and the Close of what it returns may misbehave.
func (w *world) listen(ctx context.Context) (net.Listener, error) {
	n := uint64(w.numbers.Add(1))
	if n%16 == 0 {
		return nil, w.values.failure(n / 16)
	}
	var c net.ListenConfig
	ln, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	return badListener{ln, w}, err
}

type badListener struct {
	net.Listener
	w *world
}

func (l badListener) Close() error {
	err := l.Listener.Close()
	l.w.rarely(4)
	return err
}

// badWriter is what a server logs to.
type badWriter struct{ w *world }

func (b badWriter) Write(record []byte) (int, error) {
	b.w.rarely(16)
	return len(record), nil
}

// --- requests ------------------------------------------------------------------

const (
	header = "Storm-Number"
	answer = "it is done: "
)

// serveHTTP does what the request says. An answer is complete only if the handler has come to
// its end.
func (w *world) serveHTTP(rw http.ResponseWriter, r *http.Request) {
	w.web.handlers.Add(1)
	defer w.web.handlers.Done()
	number := r.Header.Get(header)
	n, err := strconv.ParseUint(number, 10, 64)
	got, ok := w.web.requests.Load(n)
	if err != nil || !ok {
		w.t.Errorf("a handler has request %q, which was not made", number)
		return
	}
	a := got.(*asked)
	if a.begun.Add(1) != 1 {
		w.t.Errorf("request %d is handled again", n)
	}
	switch ctx := w.hostile(r.Context(), 4); a.how {
	case 0:
		panic(http.ErrAbortHandler)
	case 1:
		panic("hostile")
	case 2, 3:
		w.rarely(1)
	case 4:
		if c, _, err := rw.(http.Hijacker).Hijack(); err == nil {
			defer c.Close()
			return
		}
	case 5, 6, 7, 8, 9, 10:
		_, err := actor.CallContext(ctx, a.to.ref, func(ctx context.Context, s *state) (int, error) {
			return 0, a.k.run(s, func() error { return a.act(ctx) })
		})
		a.k.answered(err)
	case 11:
		<-r.Context().Done() // which ends when the client goes, or the server has no time left
	}
	a.ended.Add(1)
	fmt.Fprint(rw, answer, number)
}

// request makes one of the server of the tree.
func (u *worker) request() {
	if !u.rarely(4) {
		u.ask(u.web.server, "http")
		return
	}
	r := u.web.server.Requests()
	if r.UnderWay < 0 || (r.UnderWay == 0) != (r.Oldest == "") {
		u.t.Errorf("the requests are %+v", r)
	}
	if n, up := u.web.server.Name(), u.web.server.SignalsReady(); n != "http" || !up {
		u.t.Errorf("the server is %s", n)
	}
}

// ask makes a request. What the client is told is compared with what the handler did.
func (u *worker) ask(of *httpserver.Server, scheme string) {
	a := &asked{how: u.intN(20), act: u.act(), to: u.target(), k: &ticket{what: "a call of a handler", world: u.world}}
	number, client := u.web.serials.Add(1), one(u, u.web.clients...)
	u.web.requests.Store(number, a)
	ctx, cancel := context.WithTimeout(context.Background(), 40*u.moment())
	defer cancel()
	at := of.Addr()
	if at == nil {
		return // it does not listen
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, scheme+"://"+at.String()+"/storm", strings.NewReader("a body"))
	if err != nil {
		u.t.Error(err)
		return
	}
	r.Header.Set(header, fmt.Sprint(number))
	text, err := send(client, r)
	begun, ended := a.begun.Load(), a.ended.Load()
	switch {
	case err != nil:
		u.web.failed.Add(1)
		return // it may be under way still
	case text != answer+fmt.Sprint(number) || begun != 1 || ended != 1:
		u.t.Errorf("request %d is answered %q; begun: %d, ended: %d", number, text, begun, ended)
	}
	u.web.answered.Add(1)
	u.web.requests.Delete(number)
}

// send returns the body of an answer that is complete.
func send(client *http.Client, r *http.Request) (text string, err error) {
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return string(body), err
}

// server starts one, asks it, and stops it under load: in a tree, or by its context.
func (u *worker) server() {
	scheme, srv := "http", u.newServer()
	if u.rarely(4) {
		scheme, srv = "https", httpserver.New(&http.Server{
			Handler: http.HandlerFunc(u.serveHTTP), TLSConfig: u.web.tls, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0),
		}, httpserver.WithTLS("", ""), httpserver.WithListener(u.listen))
	}
	ends := u.serveIt(srv)
	var group sync.WaitGroup
	defer group.Wait()
	defer ends() // under load
	for range 3 {
		// The choices are this worker's, one after the other.
		ask := &worker{world: u.world, number: u.number, draws: u.split()}
		group.Go(func() { ask.alone(func() { ask.ask(srv, scheme) }) })
	}
	time.Sleep(u.moment() / 4)
}

// serveIt has a server served, and returns how it is ended.
func (u *worker) serveIt(srv *httpserver.Server) (ends func()) {
	if u.rarely(3) {
		ctx, cancel := u.context()
		served := make(chan struct{})
		go func() {
			defer close(served)
			defer u.excuse()
			_ = srv.Serve(ctx)
		}()
		wait := u.moment()
		return func() {
			cancel()
			select {
			case <-served:
			case <-time.After(wait):
				srv.CutOff(false)
			}
		}
	}
	root := supervisor.New("web", supervisor.Spec{
		MaxRestarts: one(u, supervisor.NoRestarts, 2), Logger: u.logger,
		Children: []supervisor.Child{{Service: srv, Shutdown: one(u, supervisor.AtOnce, u.moment(), time.Second)}},
	})
	ctx, cancel := context.WithTimeout(context.Background(), one(u, u.moment(), 100*time.Millisecond))
	defer cancel()
	_ = root.Start(ctx)
	limit := u.moment()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		_ = root.Stop(ctx)
		<-root.Done()
	}
}

// settleWeb waits for the handlers, which have nothing any more to wait for.
func (w *world) settleWeb() {
	for _, c := range w.web.clients {
		c.CloseIdleConnections()
	}
	w.ends("the handlers of requests", w.web.handlers.Wait)
	w.requestsEnd()
	w.t.Logf("%8d requests were answered, %d were not", w.web.answered.Load(), w.web.failed.Load())
}

// requestsEnd looks at what handlers have done whose clients were not answered.
func (w *world) requestsEnd() {
	w.web.requests.Range(func(number, value any) bool {
		if a := value.(*asked); a.begun.Load() > 1 || a.ended.Load() > a.begun.Load() {
			w.t.Errorf("request %v: begun %d times, ended %d times", number, a.begun.Load(), a.ended.Load())
		}
		return true
	})
	if r := w.web.server.Requests(); r.Addr != "" {
		w.t.Errorf("the server is down, and listens: %+v", r)
	}
}
