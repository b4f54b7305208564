package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// The numbers of docs/supervision.rst, "When a supervisor gives up".

// nested is a child that fails every d, under so many supervisors, the innermost
// first; lives is how often the child was started, and at the end of which life the
// root gave up, if it did within an hour.
func nested(t *testing.T, d time.Duration, backoff *supervisor.Backoff, levels ...supervisor.Spec) (
	lives int, gaveUp time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		c := supervisor.Child{Name: "child", Backoff: backoff, Service: supervisor.Func(func(ctx context.Context) error {
			lives++
			select {
			case <-time.After(d):
			case <-ctx.Done():
			}
			return errCrash
		})}
		var s *supervisor.Supervisor
		for _, spec := range levels {
			spec.Logger = quiet
			spec.Children = []supervisor.Child{c}
			s = supervisor.New("s", spec)
			c = supervisor.Child{Service: s}
		}
		begin := time.Now()
		var gave *supervisor.GaveUpError
		if err := s.Serve(ctx); errors.As(err, &gave) {
			gaveUp = time.Since(begin)
		}
	})
	return lives, gaveUp
}

func TestSUPGiveUpArithmetic(t *testing.T) {
	var ordinary supervisor.Spec // 3 in 5 s
	longer := supervisor.Spec{Period: time.Minute}
	for name, c := range map[string]struct {
		every   time.Duration
		backoff *supervisor.Backoff
		levels  []supervisor.Spec
		lives   int           // 0: not compared
		gaveUp  time.Duration // -1: never
	}{
		"at once, one level":    {0, nil, []supervisor.Spec{ordinary}, 4, 0},
		"at once, two levels":   {0, nil, []supervisor.Spec{ordinary, ordinary}, 16, 0},
		"at once, three levels": {0, nil, []supervisor.Spec{ordinary, ordinary, ordinary}, 64, 0},
		"every 1.5 s":           {1500 * time.Millisecond, nil, []supervisor.Spec{ordinary}, 4, 6 * time.Second},
		"every 1.6 s":           {1600 * time.Millisecond, nil, []supervisor.Spec{ordinary}, 4, 6400 * time.Millisecond},
		"every 1.7 s":           {1700 * time.Millisecond, nil, []supervisor.Spec{ordinary}, 0, -1},
		"every 1 s, two levels": {time.Second, nil, []supervisor.Spec{ordinary, ordinary}, 0, -1},
		"every 1 s, longer":     {time.Second, nil, []supervisor.Spec{ordinary, longer}, 16, 16 * time.Second},
		"0.1 s, backoff": {0, &supervisor.Backoff{Min: 100 * time.Millisecond},
			[]supervisor.Spec{ordinary}, 4, 700 * time.Millisecond},
		"1 s, backoff": {0, &supervisor.Backoff{Min: time.Second}, []supervisor.Spec{ordinary}, 0, -1},
	} {
		lives, gaveUp := nested(t, c.every, c.backoff, c.levels...)
		if c.gaveUp < 0 && gaveUp == 0 {
			gaveUp = -1
		}
		if gaveUp != c.gaveUp || c.lives > 0 && lives != c.lives {
			t.Errorf("%s: gave up after %v, %d lives; want %v, %d", name, gaveUp, lives, c.gaveUp, c.lives)
		}
	}
}
