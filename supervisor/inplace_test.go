package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/mailbox"
)

// A child's goroutine may act as the supervisor only if that is at rest and has
// nothing to do that came before.
func TestSUPTurn(t *testing.T) {
	for _, test := range []struct {
		name  string
		busy  func(*Supervisor)
		taken bool
	}{
		{"at rest", func(*Supervisor) {}, true},
		{"at work", func(s *Supervisor) { s.turn.Lock() }, false},
		{"told to stop", func(s *Supervisor) { s.reason = errInterrupted }, false},
		{"signalled", func(s *Supervisor) { s.box.Signal(sigStop) }, false},
		{"a message waits", func(s *Supervisor) { s.post(retry{}) }, false},
		{"a message was put off", func(s *Supervisor) { s.deferred = []any{retry{}} }, false},
		{"no life", func(s *Supervisor) { s.box.Close() }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := New("root", Spec{})
			test.busy(s)
			if got := s.takeTurn(); got != test.taken {
				t.Errorf("takeTurn = %t", got)
			}
			if test.taken && s.turn.TryLock() {
				t.Error("the turn was taken twice")
			}
		})
	}
}

// treeOf returns a supervisor that serves one service, and what it was sent.
func treeOf(t *testing.T, spec Spec, child Child) (*Supervisor, *actor.Service[atomic.Int64]) {
	svc := actor.New(func(context.Context) (*atomic.Int64, error) { return new(atomic.Int64), nil },
		actor.WithName("svc"), actor.WithLogger(slog.New(slog.DiscardHandler)))
	child.Service = svc
	spec.Children = []Child{child}
	spec.Logger = slog.New(slog.DiscardHandler)
	s := New("root", spec)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return s, svc
}

func crash(svc *actor.Service[atomic.Int64]) {
	_ = svc.Do(func(*atomic.Int64) { panic("crash") })
	synctest.Wait()
}

// accepted returns how many messages the supervisor was sent.
func accepted(s *Supervisor) uint64 { return s.box.Counts().Accepted }

// What a child's goroutine can do itself, it does: the supervisor is sent nothing, and
// the rest is its own affair. Either way the service goes on.
func TestSUPRestartInPlace(t *testing.T) {
	for _, test := range []struct {
		name  string
		spec  Spec
		child Child
		sent  uint64 // messages per crash
	}{
		{"plain", Spec{}, Child{}, 0},
		{"Transient", Spec{}, Child{Restart: Transient}, 0},
		{"RestForOne", Spec{Strategy: RestForOne}, Child{}, 3},
		{"OneForAll", Spec{Strategy: OneForAll}, Child{}, 3},
		{"Decider", Spec{Decider: func(string, error) Decision { return ByTable }}, Child{}, 1},
		{"Backoff", Spec{}, Child{Backoff: &Backoff{Min: time.Second}}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, svc := treeOf(t, test.spec, test.child)
				before := accepted(s)
				crash(svc)
				time.Sleep(time.Minute) // the delay
				sent := accepted(s) - before
				if sent == test.sent+1 && test.sent > 0 {
					sent-- // that it is up, if the supervisor was not at rest again by then
				}
				if sent != test.sent {
					t.Errorf("%d messages were sent for a crash", sent)
				}
				if n, err := actor.Get(t.Context(), svc, func(n *atomic.Int64) int64 { return n.Add(1) }); n != 1 || err != nil {
					t.Errorf("Get = %d, %v", n, err)
				}
				if i := s.Children()[0]; i.State != Up || i.Restarts != 1 || !i.Since.Before(time.Now()) {
					t.Errorf("the child is %v, after %d restarts", i.State, i.Restarts)
				}
				if err := s.Stop(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// The budget is the supervisor's, wherever the restart is made: the one that is too
// many is left to it, and it gives up.
func TestSUPRestartInPlaceKeepsTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, svc := treeOf(t, Spec{MaxRestarts: 2}, Child{})
		for range 2 {
			crash(svc)
			if got := s.Children()[0].State; got != Up {
				t.Fatalf("the child is %v", got)
			}
		}
		crash(svc)
		<-s.Done()
		var gaveUp *GaveUpError
		if err := s.Err(); !errors.As(err, &gaveUp) || gaveUp.Restarts != 2 {
			t.Errorf("Err = %v", err)
		}
	})
}

// A child that ends while its supervisor is at work tells it, and is restarted when it
// gets to that.
func TestSUPExitWhileTheSupervisorIsAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, svc := treeOf(t, Spec{}, Child{})
		asked, release := make(chan struct{}), make(chan struct{})
		go func() {
			_ = s.ask(context.Background(), "test", func(*Supervisor, *request) error {
				close(asked)
				<-release
				return nil
			})
		}()
		<-asked
		crash(svc)
		if got := svc.Info(); got.State != actor.Pending || got.Incarnation != 1 {
			t.Errorf("the service is %v, in its incarnation %d", got.State, got.Incarnation)
		}
		close(release)
		synctest.Wait()
		if got := svc.Info(); got.State != actor.Running || got.Incarnation != 2 {
			t.Errorf("the service is %v, in its incarnation %d", got.State, got.Incarnation)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A message of an earlier life finds nobody to be handled by.
func TestSUPExitOfAnEarlierLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, svc := treeOf(t, Spec{}, Child{Shutdown: AtOnce})
		hang := make(chan struct{})
		_ = svc.Do(func(*atomic.Int64) { <-hang })
		synctest.Wait()
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		close(hang) // Serve returns now
		synctest.Wait()
		if s.box.Len() != 0 || s.box.TryPut(retry{}) != mailbox.ErrClosed {
			t.Error("a supervisor that is down was sent something")
		}
	})
}

// fickle is a transient child whose first crash is no deliberate end when it is looked at,
// and is one a moment later, as that of a service that is killed meanwhile.
type fickle struct {
	asked        atomic.Int64
	open, closed chan struct{}
}

func (f *fickle) Serve(context.Context) error {
	time.Sleep(time.Second)
	return errors.New("crash")
}

func (f *fickle) Abandon() {}

func (f *fickle) Done() <-chan struct{} {
	if f.asked.Add(1) <= 2 { // before its start, and when it ends
		return f.open
	}
	return f.closed
}

// The goroutine of a child decides once how the child has ended. Asked again, a service
// that was killed meanwhile had ended deliberately, and what follows from that was lost.
func TestSUPRestartInPlaceKeepsItsVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fickle{open: make(chan struct{}), closed: make(chan struct{})}
		close(f.closed)
		s := New("root", Spec{
			Logger: slog.New(slog.DiscardHandler), AutoShutdown: AnySignificant,
			Children: []Child{{Name: "f", Service: f, Restart: Transient, Significant: true}},
		})
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1500 * time.Millisecond)
		if i := s.Children()[0]; i.State != Up || i.Restarts != 1 {
			t.Errorf("the child is %v, after %d restarts", i.State, i.Restarts)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		select {
		case <-s.Done():
		default:
			t.Error("the significant child is gone, and the tree lives")
			_ = s.Stop(t.Context())
		}
	})
}
