package aside

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/internal/hook"
)

// mostRecords may wait for a logger. Of more there is the number, in the next one: a logger
// that does not return keeps no more than these.
const mostRecords = 256

// A Log writes records to a logger of the user's, which may wait, panic or end its goroutine.
// NewLog makes it; its methods may be called by any number of goroutines, and but for Wait do
// not wait.
type Log struct {
	to   *slog.Logger
	line *Line[slog.Record]
	lost atomic.Uint64 // records that are neither written nor told of
}

// NewLog returns a log of records for that logger.
func NewLog(to *slog.Logger) *Log {
	l := &Log{to: to}
	l.line = NewLine(l.write)
	return l
}

// Warn has a warning written, with the time that it is now. What args say is asked when it is.
func (l *Log) Warn(message string, args ...any) { l.add(slog.LevelWarn, message, args) }

// Error does the same with an error.
func (l *Log) Error(message string, args ...any) { l.add(slog.LevelError, message, args) }

func (l *Log) add(level slog.Level, message string, args []any) {
	r := slog.NewRecord(time.Now(), level, message, 0)
	r.Add(args...)
	if !l.line.Add(r, mostRecords) {
		l.lost.Add(1)
	}
}

// write calls the logger. If it panics the record is lost.
func (l *Log) write(r slog.Record) {
	defer func() { _ = recover() }()
	hook.Run(l.to, nil, func() {
		h := l.to.Handler()
		if !h.Enabled(context.Background(), r.Level) {
			return
		}
		if lost := l.lost.Swap(0); lost > 0 {
			r.Add("lost", lost)
		}
		_ = h.Handle(context.Background(), r)
	})
}

// Unless calls f, which is about something that is to be written, unless the logger has
// caused that: because the running goroutine is in it, or it is among cause.
func (l *Log) Unless(cause *hook.Call, f func()) { hook.Run(l.to, cause, f) }

// LastWords is how long the end of what logs waits for a logger, as that of a service does.
const LastWords = 100 * time.Millisecond

// Wait returns when all records have been written, or when that has been waited for as long as
// LastWords.
func (l *Log) Wait() { l.line.Wait(LastWords) }
