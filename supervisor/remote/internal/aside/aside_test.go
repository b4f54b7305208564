package aside_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/supervisor/remote/internal/aside"
)

// handler is one that calls a function.
type handler func(slog.Record)

func (h handler) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (h handler) Handle(_ context.Context, r slog.Record) error    { h(r); return nil }
func (h handler) WithAttrs([]slog.Attr) slog.Handler               { return h }
func (h handler) WithGroup(string) slog.Handler                    { return h }

// lost returns how many records were lost before this one, as it says.
func lost(r slog.Record) (n uint64) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "lost" {
			n = a.Value.Uint64()
		}
		return true
	})
	return n
}

// Each record reaches a logger that misbehaves; who logs is not harmed, and waits for no longer
// than Wait says.
func TestL17LogToALoggerThatMisbehaves(t *testing.T) {
	actortest.EachManner(t, "record", func(t *testing.T, m hostile.Manner, release func()) {
		var seen []string
		l := aside.NewLog(slog.New(handler(func(r slog.Record) {
			seen = append(seen, r.Message)
			m.Act()
		})))
		l.Warn("one")
		l.Error("two")
		begun := time.Now()
		l.Wait()
		if m.Name != "blocks" {
			l.Wait() // there is nothing to wait for
			if took := time.Since(begun); took > 0 {
				t.Errorf("Wait took %v", took)
			}
		} else if took := time.Since(begun); took != aside.LastWords {
			t.Errorf("Wait took %v", took)
		}
		release()
		synctest.Wait()
		if !slices.Equal(seen, []string{"one", "two"}) {
			t.Errorf("%q", seen)
		}
	})
}

// What comes while a logger is busy is kept up to a bound; of the rest it learns the number,
// and of each record the time at which it came.
func TestL17LogToALoggerThatIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		var records []slog.Record
		l := aside.NewLog(slog.New(handler(func(r slog.Record) {
			<-hold
			records = append(records, r)
		})))
		begun := time.Now()
		l.Warn("first", "is", "here")
		synctest.Wait()
		for range 300 {
			l.Warn("more")
		}
		time.Sleep(time.Minute)
		close(hold)
		synctest.Wait()
		if len(records) != 257 || !records[256].Time.Equal(begun) || lost(records[0]) != 0 || lost(records[1]) != 44 || lost(records[2]) != 0 {
			t.Errorf("%d records, the second of which says that %d are lost", len(records), lost(records[1]))
		}
	})
}

// A level that the logger does not want is not written, and a logger that is none hears nothing.
func TestL17LogToNoLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := aside.NewLog(new(slog.Logger))
		l.Warn("x")
		l.Wait()
		all := 0
		off := aside.NewLog(slog.New(deaf{handler(func(slog.Record) { all++ })}))
		off.Error("x")
		off.Wait()
		if all > 0 {
			t.Error("a record was written")
		}
	})
}

// deaf is enabled for nothing.
type deaf struct{ handler }

func (deaf) Enabled(context.Context, slog.Level) bool { return false }

// What a logger causes is not for it: on its goroutine, and later.
func TestL17LogUnlessTheLoggerHasCausedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l *aside.Log
		var cause *hook.Call
		called := ""
		l = aside.NewLog(slog.New(handler(func(slog.Record) {
			cause = hook.Here()
			l.Unless(nil, func() { called += "in it" })
		})))
		l.Warn("x")
		l.Wait()
		l.Unless(cause, func() { called += "for it" })
		l.Unless(nil, func() { called += "beside it" })
		if called != "beside it" {
			t.Errorf("called %s", called)
		}
	})
}

// A line tells of values in order, whatever its function does.
func TestL17LineGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := hostile.New("calls Goexit")
		var seen []int
		hold := make(chan struct{})
		l := aside.NewLine(func(n int) {
			<-hold
			seen = append(seen, n)
			m.Act()
		})
		for n := range 5 {
			if added := l.Add(n, 3); added != (n < 4) {
				t.Errorf("%d is added: %t", n, added)
			}
			synctest.Wait() // the first is told, and waits no more
		}
		l.Add(9, -1)
		close(hold)
		l.Wait(time.Hour)
		if !slices.Equal(seen, []int{0, 1, 2, 3, 9}) {
			t.Errorf("%v", seen)
		}
	})
}
