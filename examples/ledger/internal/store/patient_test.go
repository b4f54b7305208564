package store

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// away are books that cannot be read until some time.
type away struct {
	Books
	until time.Time
	tries int
}

var errAway = errors.New("away")

func (a *away) Last(context.Context) (int64, error) {
	a.tries++
	if time.Now().Before(a.until) {
		return 0, errAway
	}
	return 7, nil
}

// A read waits for a database that is away, for a minute, and no longer than its context.
func TestLEDGERPatient(t *testing.T) {
	for name, c := range map[string]struct {
		away, context, took time.Duration
		want                error
	}{
		"there":               {0, time.Hour, 0, nil},
		"away for some time":  {time.Second, time.Hour, 1270 * time.Millisecond, nil},
		"away for long":       {time.Hour, 2 * time.Hour, 60*time.Second + 110*time.Millisecond, errAway},
		"not wanted any more": {time.Hour, time.Second, time.Second, errAway},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.context)
				defer cancel()
				books := &away{until: begun.Add(c.away)}
				n, err := Patient(books, slog.New(slog.DiscardHandler)).Last(ctx)
				if !errors.Is(err, c.want) || (err == nil) != (n == 7) {
					t.Errorf("%d, %v", n, err)
				}
				if took := time.Since(begun); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
			})
		})
	}
}
