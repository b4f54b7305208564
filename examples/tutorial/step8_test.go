package tutorial_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Reminder tells a debtor each day, until it is paid.
type Reminder struct {
	tell  func()
	timer *actor.Timer
}

// newReminder returns the constructor. What it depends on is an argument.
func newReminder(tell func()) func(context.Context) (*Reminder, error) {
	return func(ctx context.Context) (*Reminder, error) {
		r := &Reminder{tell: tell}
		r.timer = actor.Self[Reminder](ctx).Every(24*time.Hour, func(r *Reminder) { r.tell() })
		return r, nil
	}
}

// Paid ends the reminders.
func (r *Reminder) Paid() { r.timer.Cancel() }

func TestReminder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var told []time.Duration
		reminder := actor.New(newReminder(func() { told = append(told, time.Since(begun)) }))
		go reminder.Serve(t.Context())
		defer reminder.Stop(context.Background())

		time.Sleep(50 * time.Hour) // of virtual time: it takes none
		if err := actor.Wait(t.Context(), reminder, (*Reminder).Paid); err != nil {
			t.Error(err)
		}
		time.Sleep(1000 * time.Hour)
		synctest.Wait() // until all is done that was due

		if want := []time.Duration{24 * time.Hour, 48 * time.Hour}; !slices.Equal(told, want) {
			t.Errorf("told after %v, want %v", told, want)
		}
	})
}
