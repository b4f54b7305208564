package systems

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/thejerf/suture/v4"
)

func sutureSystem() *System {
	return &System{
		Name:         "suture",
		About:        "a supervisor of goroutines; the one here reads functions from a channel of 128",
		NewRestarter: newSutureRestarter,
	}
}

// sutureService is a service as suture has it. How others talk to it is its own affair.
type sutureService struct{ inbox chan func(*Tally) }

// Serve is called again by the supervisor when it has panicked.
func (s *sutureService) Serve(ctx context.Context) error {
	t := new(Tally)
	for {
		select {
		case f := <-s.inbox:
			f(t)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *sutureService) String() string { return "tally" }

type sutureRestarter struct {
	service *sutureService
	cancel  context.CancelFunc
	served  <-chan error
	reuser
}

// newSutureRestarter starts a supervisor that logs nothing, and that no number of
// failures makes wait.
func newSutureRestarter() (Restarter, error) {
	r := &sutureRestarter{service: &sutureService{make(chan func(*Tally), 128)}}
	r.reply = make(chan int, 1)
	r.next = func(t *Tally) { r.reply <- t.Next() }
	root := suture.New("root", suture.Spec{
		EventHook:        func(suture.Event) {},
		FailureThreshold: math.MaxFloat64,
	})
	root.Add(r.service)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.served = root.ServeBackground(ctx)
	return r, nil
}

func (r *sutureRestarter) Restart(n int) (sum int, err error) {
	for range n {
		r.service.inbox <- crash
		r.service.inbox <- r.next
		sum += <-r.reply
	}
	return sum, nil
}

func (r *sutureRestarter) Stop() error {
	r.cancel()
	if err := <-r.served; !errors.Is(err, context.Canceled) {
		return fmt.Errorf("suture ended with %v, and not because it was told to", err)
	}
	return nil
}
