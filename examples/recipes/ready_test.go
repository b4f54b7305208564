package recipes_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Readiness tells who sends requests whether to send them here.
type Readiness struct {
	tree      *supervisor.Supervisor
	withdrawn atomic.Bool
}

// ServeHTTP answers GET /readyz.
func (r *Readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	switch {
	case r.withdrawn.Load():
		http.Error(w, "about to end", http.StatusServiceUnavailable)
	case !r.tree.Up():
		http.Error(w, "a service is being restarted", http.StatusServiceUnavailable)
	}
}

// end says that no more requests are wanted, serves on until those who send them have had
// time to notice, and ends the tree, whose server then closes its listener.
func (r *Readiness) end(ctx context.Context, delay time.Duration) error {
	r.withdrawn.Store(true)
	select {
	case <-time.After(delay):
	case <-r.tree.Done():
	case <-ctx.Done():
	}
	return r.tree.Stop(ctx)
}

// How does a program end without a request that is refused?
func TestReadinessIsWithdrawnFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visits := actor.New(func(context.Context) (*int, error) { return new(int), nil }, actor.WithName("visits"))
		ready := &Readiness{tree: supervisor.New("site", supervisor.Spec{Children: []supervisor.Child{{Service: visits}}})}
		if err := ready.tree.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		ask := func() (status int, err error) { // what a balancer sees, and what a request that still comes gets
			w := httptest.NewRecorder()
			ready.ServeHTTP(w, nil)
			return w.Code, visits.Run(t.Context(), func(n *int) error { *n++; return nil })
		}
		expect := func(status int, served bool) {
			t.Helper()
			if got, err := ask(); got != status || (err == nil) != served {
				t.Errorf("%d, %v; want %d, served %t", got, err, status, served)
			}
		}
		expect(200, true)
		ended := make(chan error, 1)
		go func() { ended <- ready.end(t.Context(), 5*time.Second) }()
		time.Sleep(4 * time.Second)
		expect(503, true)
		time.Sleep(2 * time.Second)
		expect(503, false)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
