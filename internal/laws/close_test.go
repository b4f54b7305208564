package laws_test

import (
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// quietly is a T whose Close has no error.
type quietly struct{ closed *int }

func (q *quietly) Close() { *q.closed++ }

// A Close without an error is called as one with: once, at the end of the incarnation.
func TestL11CloseWithoutAnError(t *testing.T) {
	for _, c := range []struct {
		opts []actor.Option
		want int
	}{{nil, 1}, {[]actor.Option{actor.WithoutClose()}, 0}} {
		closed := 0
		svc := actor.Start(&quietly{&closed}, append(c.opts, actortest.Quiet())...)
		actortest.Stop(t, svc)
		if closed != c.want {
			t.Errorf("closed %d times, want %d", closed, c.want)
		}
		crashes := actor.Start(&quietly{&closed}, append(c.opts, actortest.Quiet())...)
		actortest.Do(t, crashes, func(*quietly) { panic("crash") })
		<-crashes.Done()
		if closed != 2*c.want {
			t.Errorf("after a crash: closed %d times, want %d", closed, 2*c.want)
		}
	}
}
