package store

import (
	"context"
	"log/slog"
	"time"
)

// patience is for how long a read of Patient is tried.
const patience = time.Minute

// Patient returns books for services that read outside of requests: no caller is told that a
// read has failed, and to crash does not bring a database back. So they wait for one that is
// away, and for as long as that is, log says so. What it cannot do for a minute is an error.
func Patient(books Books, log *slog.Logger) Books { return patient{books, log} }

// patient tries again what is read as a whole; the rest is read for who waits for it.
type patient struct {
	Books
	log *slog.Logger
}

func (p patient) Last(ctx context.Context) (int64, error) { return wait(ctx, p.log, p.Books.Last) }

func (p patient) Turnover(ctx context.Context) (Turnover, error) {
	return wait(ctx, p.log, p.Books.Turnover)
}

func (p patient) Check(ctx context.Context) (Check, error) { return wait(ctx, p.log, p.Books.Check) }

// wait reads until that succeeds, with growing delays.
func wait[R any](ctx context.Context, log *slog.Logger, read func(context.Context) (R, error)) (R, error) {
	begun := time.Now()
	for delay := 10 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		r, err := read(ctx)
		if err == nil || ctx.Err() != nil || time.Since(begun) > patience {
			return r, err
		}
		log.WarnContext(ctx, "the books cannot be read, and are tried again", "err", err, "in", delay)
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return r, err
		}
	}
}
