package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

// The recipes whose services come out of a function, in 200 orders of their steps and with
// faults, each twice, which shows that nothing of them is left to chance. Not here are
//
//   - hub, mutex, ready: only their example makes the services, and the tree;
//   - shutdown: what it does is to print, and the bubble's tests have it;
//   - flight: it is a handler of log records, with nothing to order;
//   - socket: a connection is outside of the run, and a net.Pipe in its place waits in steps
//     that are not the simulation's;
//   - journal: it keeps deliveries as the outbox, which is here, keeps letters.

var silent = actor.WithLogger(slog.New(slog.DiscardHandler))

// grow starts a tree of them that restarts what crashes, and has faults happen.
func grow(s *sim.Sim, children ...supervisor.Child) {
	tree := supervisor.New("tree", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited, Logger: slog.New(slog.DiscardHandler), Children: children,
	})
	if err := tree.Start(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.Faults(sim.Every)
	s.Eventually("the tree is up", time.Minute, tree.Up)
}

// A breaker is open after three failures in a row, and not for ever.
func TestBreakerUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		var changes topic.Topic[breakerState]
		breaker := actor.New(newBreaker(&changes), actor.WithName("breaker"), silent)
		grow(s, supervisor.Child{Service: breaker})
		for i := range 3 {
			s.Go(fmt.Sprint("caller", i), func(ctx context.Context) {
				for n := range 4 {
					if allows, err := actor.Get(ctx, breaker, (*Breaker).Allows); err == nil && allows {
						outcome := errors.New("it fails")
						if n == i {
							outcome = nil
						}
						_ = breaker.Do(func(b *Breaker) { b.Report(outcome) })
					}
					s.Sleep(2 * time.Millisecond)
				}
			})
		}
		s.Always("open is after failures", func() error {
			if b, between := sim.State(breaker); b != nil && between {
				s.Sometimes("it is open", b.state == open)
				s.Sometimes("it is half-open", b.state == halfOpen)
				if b.state != closed && b.failures < 3 || b.state == closed && b.failures >= 3 {
					return fmt.Errorf("it is %s after %d failures", b.state, b.failures)
				}
			}
			return nil
		})
		s.Eventually("it lets try again", time.Minute, func() bool {
			b, _ := sim.State(breaker)
			return b != nil && b.Allows()
		})
	}, sim.Check())
}

// Whoever waits for a row gets it or an error, and the database is asked no more often than
// there are rows and lives.
func TestCacheUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		db := &Database{let: make(chan struct{})}
		cache := actor.New(func(context.Context) (*Cache, error) { return NewCache(db), nil }, actor.WithName("cache"), silent)
		grow(s, supervisor.Child{Service: cache})
		for i := range 4 {
			s.Go(fmt.Sprint("reader", i), func(ctx context.Context) {
				for _, key := range []string{"a", "b"} {
					row, err := find(ctx, cache, key)
					if err == nil && row != "row of "+key {
						s.Errorf("%s is %q", key, row)
					}
					s.Sometimes("a row is found", err == nil)
				}
			})
		}
		s.Sleep(time.Second)
		close(db.let)
		s.Finally("no one waits, and none was asked for twice", func() error {
			c, _ := sim.State(cache)
			if n, lives := db.queries.Load(), cache.Info().Incarnation; len(c.waiting) > 0 || uint64(n) > 2*lives {
				return fmt.Errorf("%d wait; %d queries in %d lives", len(c.waiting), n, lives)
			}
			return nil
		})
	}, sim.Check())
}

// Who has paid a day before is never reminded. A life that ends takes its invoices along.
func TestInvoicesUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		mailer := &fakeMailer{failures: []error{errors.New("mailbox unavailable")}}
		invoices := actor.New(newInvoices(mailer), actor.WithName("invoices"), silent)
		grow(s, supervisor.Child{Service: invoices})
		for i, name := range []string{"A1", "B2", "C3", "D4"} {
			s.Go(name, func(ctx context.Context) {
				if actor.Wait(ctx, invoices, func(i *Invoices) { i.Issue(name) }) != nil {
					return
				}
				s.Sleep(time.Duration(5+i) * 24 * time.Hour) // C3 pays when it is due, D4 later
				_ = actor.Wait(context.Background(), invoices, func(i *Invoices) { i.Paid(name) })
				s.Sleep(10 * 24 * time.Hour)
				sent := mailer.Sent()
				if i < 2 && slices.Contains(sent, name) || len(slices.Compact(sent)) != len(sent) {
					s.Errorf("reminded of %q", sent)
				}
				s.Sometimes("one is reminded", slices.Contains(sent, "D4"))
			})
		}
	}, sim.Check())
}

// A limiter lets through a burst in each life, and one more in each period.
func TestLimiterUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		const burst, period = 2, 5 * time.Millisecond
		limiter := actor.New(newLimiter(burst, period), actor.WithName("limiter"), silent)
		grow(s, supervisor.Child{Service: limiter})
		begun, through := time.Now(), 0
		for i := range 3 {
			s.Go(fmt.Sprint("caller", i), func(ctx context.Context) {
				for n := range 3 {
					short, cancel := context.WithTimeout(ctx, time.Duration(n+2)*period)
					if wait(short, limiter) == nil {
						through++
					} else {
						s.Sometimes("it takes too long", short.Err() != nil)
					}
					cancel()
				}
			})
		}
		s.Always("no more than it allows", func() error {
			most := burst*int(limiter.Info().Incarnation) + int(time.Since(begun)/period)
			if through > most {
				return fmt.Errorf("%d in %v", through, time.Since(begun))
			}
			return nil
		})
	}, sim.Check())
}

// Each job is done once or not at all, and is accounted for.
func TestJobQueueUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		workers := pool.New(3, newWorker, actor.WithCapacity(2), silent)
		grow(s, supervisor.Child{Service: workers})
		done := map[*byte]int{}
		for i := range 2 {
			s.Go(fmt.Sprint("photographer", i), func(ctx context.Context) {
				for range 6 {
					picture := make([]byte, 4)
					if enqueue(ctx, workers, [][]byte{picture}) == nil {
						done[&picture[0]]++
					}
				}
			})
		}
		s.Finally("all is accounted for", func() error {
			ran := uint64(0)
			for _, w := range workers.Members() {
				i := w.Info()
				ran += i.Executed
				if i.Accepted != i.Executed+i.Dead+i.Skipped {
					return fmt.Errorf("%+v", i)
				}
			}
			if ran != uint64(len(done)) {
				return fmt.Errorf("%d ran, and %d were accepted", ran, len(done))
			}
			return nil
		})
	}, sim.Check())
}

// Each request has an answer, within its limit, and one that is right.
func TestHTTPHandlerUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		build := func(context.Context) (*Warehouse, error) { return &Warehouse{map[string]int{"lamp": 3}}, nil }
		warehouse := actor.New(build, actor.WithName("warehouse"), silent)
		grow(s, supervisor.Child{Service: warehouse})
		handler := countItems(warehouse, time.Second)
		for i, item := range []string{"lamp", "sofa", "cellar"} {
			s.Go(item, func(ctx context.Context) {
				for range 2 {
					begun, answer := time.Now(), httptest.NewRecorder()
					request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/items/"+item, nil)
					request.SetPathValue("item", item)
					handler(answer, request)
					if took := time.Since(begun); took > time.Second+20*time.Millisecond {
						s.Errorf("%s took %v", item, took)
					}
					right := []int{http.StatusOK, http.StatusNotFound, http.StatusGatewayTimeout}[i]
					s.Sometimes(item+" is answered", answer.Code == right)
					if answer.Code < 500 && answer.Code != right {
						s.Errorf("%s: %d", item, answer.Code)
					}
				}
			})
		}
	}, sim.Check())
}

// A letter that was taken on is sent, whatever crashes: at least once.
func TestOutboxUnderSimulation(t *testing.T) {
	folder := t.TempDir()
	if memory, err := os.MkdirTemp("/dev/shm", "outbox-"); err == nil { // each step waits for the disk
		folder = memory
		defer os.RemoveAll(memory)
	}
	file := filepath.Join(folder, "outbox")
	sim.Run(t, func(s *sim.Sim) {
		for _, end := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(file + end) // of the run before
		}
		sent := map[string]int{}
		fails := s.Rand("network")
		send := func(_ context.Context, text string) error {
			if fails.IntN(3) == 0 {
				return errors.New("the network is away")
			}
			sent[text]++
			return nil
		}
		outbox := actor.New(openOutbox(file, send), actor.WithName("outbox"), silent)
		grow(s, supervisor.Child{Service: outbox})
		taken := map[string]bool{}
		for i := range 2 {
			s.Go(fmt.Sprint("writer", i), func(ctx context.Context) {
				for n := range 2 {
					text := fmt.Sprint("letter ", i, n)
					err := outbox.Run(ctx, func(o *Outbox) error { return o.Put(text) })
					taken[text] = err == nil
					s.Sometimes("one is not taken on", err != nil)
				}
			})
		}
		s.Eventually("what was taken on is sent", time.Hour, func() bool {
			for text := range maps.Keys(taken) {
				if taken[text] && sent[text] == 0 {
					return false
				}
			}
			return true
		})
		s.Finally("look", func() error {
			s.Sometimes("one is sent twice", slices.Max(append(slices.Collect(maps.Values(sent)), 0)) > 1)
			return nil
		})
	}, sim.Check())
}
