package httpserver_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// pipes is a listener inside a bubble, where real connections are of no use.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once // closes it
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	err := net.ErrClosed
	p.once.Do(func() {
		close(p.closed)
		err = nil
	})
	return err
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (p *pipes) listen(context.Context) (net.Listener, error) { return p, nil }

// request sends one request and returns where the error comes.
func (p *pipes) request() <-chan error {
	tr := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			mine, theirs := net.Pipe()
			p.conns <- theirs
			return mine, nil
		},
	}
	result := make(chan error, 1)
	go func() {
		_, err := fetch(&http.Client{Transport: tr}, "http://pipe/")
		result <- err
	}()
	return result
}

// stopIn stops the tree and demands that it takes so long.
func stopIn(t *testing.T, s *supervisor.Supervisor, want time.Duration) error {
	t.Helper()
	begin := time.Now()
	err := s.Stop(context.Background())
	if took := time.Since(begin); took != want {
		t.Errorf("Stop took %v, want %v", took, want)
	}
	return err
}

// A handler that heeds its context is not cut off: that ends when a tenth of the
// child's time is left.
func TestSUPHTTPContextEndsBefore(t *testing.T) {
	type key struct{}
	heed := func(r *http.Request) { <-r.Context().Done() }
	for name, c := range map[string]struct {
		base func(net.Listener) context.Context
		work func(*http.Request)
		took time.Duration
	}{
		"own base": {nil, heed, 9 * time.Second},
		"user's base": {func(net.Listener) context.Context {
			return context.WithValue(context.Background(), key{}, 1)
		}, heed, 9 * time.Second},
		"in the rest of the time": {nil, func(r *http.Request) { heed(r); time.Sleep(time.Second / 2) },
			9*time.Second + time.Second/2},
		"earlier": {nil, func(*http.Request) { time.Sleep(3 * time.Second) }, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPipes()
			s := httpserver.New(&http.Server{
				BaseContext: c.base,
				Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if c.base != nil && r.Context().Value(key{}) != 1 {
						t.Errorf("%s: the context is not of the user's", name)
					}
					c.work(r)
				}),
			}, httpserver.WithListener(p.listen))
			root := treeOf(supervisor.Child{Service: s, Shutdown: 10 * time.Second})
			start(t, root)
			answer := p.request()
			synctest.Wait()
			if c.took == 0 { // net/http looks at growing intervals whether requests have ended
				stop(t, root)
			} else if err := stopIn(t, root, c.took); err != nil {
				t.Errorf("%s: Stop = %v", name, err)
			}
			if err := <-answer; err != nil && name == "earlier" {
				t.Errorf("%s: the client got %v", name, err)
			}
		})
	}
}

// The same of a handler that has taken its connection over, which net/http does not
// wait for.
func TestSUPHTTPHijacked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, returned := newPipes(), false
		s := httpserver.New(&http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				<-r.Context().Done()
				returned = true
			}),
		}, httpserver.WithListener(p.listen))
		root := treeOf(supervisor.Child{Service: s})
		start(t, root)
		answer := p.request()
		synctest.Wait()
		if err := stopIn(t, root, supervisor.DefaultShutdown*9/10); err != nil || !returned {
			t.Errorf("Stop = %v, returned: %t", err, returned)
		}
		<-answer
	})
}

// A handler that heeds nothing is cut off exactly when the time is over. With
// Forever it is waited for.
func TestSUPHTTPTimes(t *testing.T) {
	for _, c := range []struct {
		shutdown, took time.Duration
		stuck          bool
	}{
		{0, supervisor.DefaultShutdown, true},
		{time.Second, time.Second, true},
		{supervisor.AtOnce, 0, false},
		{supervisor.Forever, time.Hour, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPipes()
			s := httpserver.New(&http.Server{
				Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Hour) }),
			}, httpserver.WithListener(p.listen))
			root := treeOf(supervisor.Child{Service: s, Shutdown: c.shutdown})
			start(t, root)
			answer := p.request()
			synctest.Wait()
			var err error
			if c.shutdown == supervisor.Forever {
				err = root.Stop(context.Background())
			} else {
				err = stopIn(t, root, c.took)
			}
			var stuck *supervisor.StuckError
			if errors.As(err, &stuck) != c.stuck {
				t.Errorf("with %v: Stop = %v", c.shutdown, err)
			}
			<-answer
			time.Sleep(time.Hour) // the handler's goroutine ends
		})
	}
}

// A listener that does not come is cut off and listed as well.
func TestSUPHTTPListenHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		s := httpserver.New(&http.Server{}, httpserver.WithListener(
			func(context.Context) (net.Listener, error) { <-free; return newPipes(), nil }))
		root := treeOf(supervisor.Child{Service: s})
		up := make(chan error, 1)
		go func() { up <- root.Start(context.Background()) }()
		synctest.Wait()
		err := stopIn(t, root, supervisor.DefaultShutdown)
		var stuck *supervisor.StuckError
		if !errors.As(err, &stuck) || stuck.Children[0].Running != "its listener" {
			t.Errorf("Stop = %v", err)
		}
		if err := <-up; err == nil {
			t.Error("Start = nil")
		}
		close(free)
	})
}
