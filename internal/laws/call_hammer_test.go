package laws_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// passport says who asked and which of that caller's questions it was.
type passport struct{ caller, question int }

// custom is an error that carries a passport.
type custom struct{ passport }

func (c custom) Error() string { return fmt.Sprint("error of ", c.passport) }

// interrogate makes one call in one of several forms. Answers of two types are
// asked for, so that calls are used again by others and by themselves.
func interrogate(ctx context.Context, svc *actor.Service[actortest.Closable], form int, id passport,
	work func()) error {
	var got passport
	var err error
	switch form {
	case 0:
		got, err = actor.Call(ctx, svc, func(*actortest.Closable) (passport, error) { work(); return id, nil })
	case 1:
		got, err = actor.Get(ctx, svc, func(*actortest.Closable) passport { work(); return id })
	case 2:
		var p *passport
		p, err = actor.CallContext(ctx, svc, func(context.Context, *actortest.Closable) (*passport, error) {
			work()
			return &id, nil
		})
		if p != nil {
			got = *p
		}
	case 3:
		err = svc.Run(ctx, func(*actortest.Closable) error { work(); return custom{id} })
		var c custom
		if errors.As(err, &c) {
			got, err = c.passport, nil
		}
	}
	if err == nil && got != id {
		return fmt.Errorf("%v got the answer of %v", id, got)
	}
	if err != nil && got != (passport{}) {
		return fmt.Errorf("%v got the answer of %v and %w", id, got, err)
	}
	if err != nil && actor.OutcomeOf(err) == actor.Ran {
		return fmt.Errorf("%v: %w", id, err)
	}
	return nil
}

// Many callers with random time-outs, while the service crashes, is restarted and
// is cut off: nobody ever gets the answer of another one's call. In virtual time,
// where many things happen at the same instant.
func TestL5NoAnswerOfAnotherCall(t *testing.T) {
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
			go func() {
				r := rand.New(rand.NewPCG(seed, 99))
				for svc.Info().State != actor.Ended {
					served := actortest.Serve(actortest.Supervised(context.Background()), svc)
					select {
					case <-served:
					case <-time.After(time.Duration(1+r.IntN(20)) * time.Millisecond):
						svc.CutOff(true)
					}
				}
			}()
			var all sync.WaitGroup
			for caller := range 20 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(seed, uint64(caller)))
					for question := range 60 {
						length := time.Duration(r.IntN(3)) * time.Millisecond
						crash := r.IntN(20) == 0
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+r.IntN(25))*time.Millisecond)
						if err := interrogate(ctx, svc, r.IntN(4), passport{caller + 1, question}, func() {
							time.Sleep(length)
							if crash {
								panic("crash")
							}
						}); err != nil {
							t.Error(err)
						}
						cancel()
					}
				})
			}
			all.Wait()
			svc.Kill()
			time.Sleep(time.Second) // what was cut off ends
			actortest.Balanced(t, svc.Info())
		})
	}
}

// The same in real time, where contexts end between any two instructions.
func TestL5NoAnswerOfAnotherCallInARace(t *testing.T) {
	svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
	var all sync.WaitGroup
	for caller := range 8 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(caller)))
			for question := range 400 {
				ctx, cancel := context.WithCancel(context.Background())
				spins := r.IntN(20)
				go func() {
					for range spins {
						runtime.Gosched()
					}
					cancel()
				}()
				work := r.IntN(4)
				if err := interrogate(ctx, svc, r.IntN(4), passport{caller + 1, question}, func() {
					for range work {
						runtime.Gosched()
					}
				}); err != nil {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	all.Wait()
	actortest.Stop(t, svc)
	actortest.Balanced(t, svc.Info())
}
