package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/seam"
)

// atOnce is what ends a service without waiting for its user: each is the same for one that is at rest, one whose
// goroutine has not begun, and one that has not come to its constructor.
var atOnce = map[string]func(*actor.Service[closing]) error{
	"Kill": func(svc *actor.Service[closing]) error { svc.Kill(); return nil },
	"Stop": func(svc *actor.Service[closing]) error {
		over, cancel := context.WithCancel(context.Background())
		cancel()
		return svc.Stop(over)
	},
	"CutOff": func(svc *actor.Service[closing]) error {
		where := svc.CutOff(false)
		svc.Kill()
		if where != "" {
			return errors.New("CutOff names " + where)
		}
		return nil
	},
}

// A service of whose user nothing runs is not cut off from anything: it ends, nothing is
// logged, and Err has nothing to say.
func TestL11NothingToBeCutOffFrom(t *testing.T) {
	for name, end := range atOnce {
		for _, begun := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder // written, if at all, before synctest.Wait returns
				svc := actor.Start(&closing{}, actor.WithoutClose(), actor.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
				if begun {
					synctest.Wait()
				}
				err := end(svc)
				<-svc.Done()
				synctest.Wait()
				if err != nil || svc.Err() != nil || log.Len() > 0 {
					t.Errorf("%s, begun %v: %v, Err %v, log %q", name, begun, err, svc.Err(), log.String())
				}
			})
		}
	}
}

// If its T is to be closed, that is not waited for. Who could have waited is told, and the log
// if it takes long.
func TestL11CloseIsNotWaitedFor(t *testing.T) {
	for name, end := range atOnce {
		for _, begun := range []bool{false, true} {
			for took, logged := range map[time.Duration]int{0: 0, 5*time.Second - 1: 0, 5*time.Second + 1: 1, time.Hour: 1} {
				synctest.Test(t, func(t *testing.T) {
					var log actortest.Records
					state := &closing{close: func() error { time.Sleep(took); return nil }}
					svc := actor.Start(state, log.Option())
					if begun {
						synctest.Wait()
					}
					begin := time.Now()
					err := end(svc)
					<-svc.Done()
					elapsed(t, begin, 0)
					if said := err != nil && strings.Contains(err.Error(), "(*closing).Close"); said != (name != "Kill") {
						t.Errorf("%s, begun %v: %v", name, begun, err)
					}
					if name == "Stop" && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					time.Sleep(2 * time.Hour)
					if svc.Err() != nil || len(state.closed) != 1 || len(log.List()) != logged {
						t.Errorf("%s, begun %v, %v: Err %v, closed %d times, log %v", name, begun, took, svc.Err(), len(state.closed), log.List())
					}
				})
			}
		}
	}
}

// What was accepted and is lost is Stop's error, and that is the context's.
func TestL11NothingToBeCutOffFromAndAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		stepping := &heldAtBegin{arrived: make(chan struct{}), goOn: make(chan struct{})}
		svc := actor.New(func(context.Context) (*closing, error) { return &closing{}, nil }, actortest.Quiet(), dead.Option())
		served := actortest.Serve(stepping.context(), svc)
		<-stepping.arrived
		actortest.Do(t, svc, func(*closing) { t.Error("it ran") })
		ended := make(chan error, 1)
		go func() { ended <- atOnce["Stop"](svc) }()
		synctest.Wait()
		close(stepping.goOn)
		err := <-ended
		<-served
		if !errors.Is(err, context.Canceled) || errors.Is(err, actor.ErrCutOff) || svc.Err() != nil {
			t.Errorf("Stop = %v, Err %v", err, svc.Err())
		}
		if n := len(dead.List()); n != 1 {
			t.Errorf("%d dead letters", n)
		}
		actortest.Balanced(t, svc.Info())
	})
}

// A service that was ended before its goroutine came to the constructor does not call it.
func TestL11NothingToBeCutOffFromBeforeTheConstructor(t *testing.T) {
	for name, end := range atOnce {
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			stepping := &heldAtBegin{arrived: make(chan struct{}), goOn: make(chan struct{})}
			svc := actor.New(func(context.Context) (*closing, error) {
				t.Errorf("%s: the constructor is called", name)
				return &closing{}, nil
			}, actor.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			served := actortest.Serve(stepping.context(), svc)
			<-stepping.arrived
			ended := make(chan error, 1)
			go func() { ended <- end(svc) }()
			synctest.Wait()
			close(stepping.goOn)
			if err := errors.Join(<-ended, <-served); err != nil || svc.Err() != nil || log.Len() > 0 {
				t.Errorf("%s: %v, Err %v, log %q", name, err, svc.Err(), log.String())
			}
			<-svc.Done()
		})
	}
}

// heldAtBegin holds the incarnation before its constructor.
type heldAtBegin struct {
	seam.Plain
	arrived, goOn chan struct{}
}

func (h *heldAtBegin) context() context.Context { return seam.With(context.Background(), h) }

func (h *heldAtBegin) Step(_ string, k seam.Kind) error {
	if k == seam.Begin {
		close(h.arrived)
		<-h.goOn
	}
	return nil
}
