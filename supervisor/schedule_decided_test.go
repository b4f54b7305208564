package supervisor_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

// What two events at once mean is laid down, and not left to a select: each of these is
// done often enough that a coin would show both sides. The first three are not simulated: a
// select with two ready cases is what they are about, and no scheduler decides that.
const often = 200

// A tree that was up has been started, also if it is over by the time that who started
// it looks.
func TestL16UpCountsBeforeOver(t *testing.T) {
	for range often {
		synctest.Test(t, func(t *testing.T) {
			brief := supervisor.Child{
				Name: "brief", Restart: supervisor.Temporary, Significant: true,
				Service: supervisor.Func(func(context.Context) error { return nil }),
			}
			s := supervisor.New("tree", supervisor.Spec{
				AutoShutdown: supervisor.AnySignificant, Logger: quiet, Children: []supervisor.Child{brief},
			})
			if err := s.Start(context.Background()); err != nil {
				t.Fatalf("Start = %v", err)
			}
			<-s.Done()
		})
	}
}

// A Stop whose context ends at the instant at which the tree is down has stopped it.
func TestL16DownCountsBeforeItsContext(t *testing.T) {
	for range often {
		synctest.Test(t, func(t *testing.T) {
			slow := supervisor.Func(func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(time.Second)
				return errors.New("late")
			})
			s := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Name: "slow", Service: slow}}})
			if err := s.Start(context.Background()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go func() {
				<-s.Done()
				cancel()
			}()
			if err := s.Stop(ctx); err != nil {
				t.Errorf("Stop = %v", err)
			}
		})
	}
}

// An answer that is there counts before the end of the caller's context.
func TestL16AnswerCountsBeforeItsContext(t *testing.T) {
	svc := actor.Start(new(number), actor.WithLogger(quiet))
	for range often {
		ctx, cancel := context.WithCancel(context.Background())
		f := actor.Async(svc, func(n *number) (int, error) { return n.next(), nil })
		<-f.Done()
		cancel()
		if _, err := f.Await(ctx); err != nil {
			t.Fatal(err)
		}
	}
	stop(t, svc)
}

// Timers of one service that are due at the same instant come in the order in which they
// were set whatever the order of steps is.
func TestL16TimersInTheirOrder(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		var ran []int
		svc := made(s, func(svc *actor.Service[number]) *number {
			for i := range 4 {
				svc.After(time.Second, func(*number) { ran = append(ran, i) })
			}
			return new(number)
		})
		other := made(s, func(*actor.Service[number]) *number { return new(number) })
		tree := supervisor.New("tree", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{
			{Name: "svc", Service: svc}, {Name: "other", Service: other},
		}})
		if err := tree.Start(s.Context()); err != nil {
			s.Fatal(err)
		}
		s.Sleep(time.Second)
		_ = other.Do(func(*number) { svc.After(0, func(*number) { ran = append(ran, 4) }) })
		s.Sleep(time.Second)
		earlier := slices.DeleteFunc(slices.Clone(ran), func(i int) bool { return i == 4 }) // another's step
		if len(ran) != 5 || !slices.Equal(earlier, []int{0, 1, 2, 3}) {
			s.Errorf("%v", ran)
		}
		s.Sometimes("another's step comes in between", len(ran) > 0 && ran[len(ran)-1] != 4)
	})
}
