package goid

import (
	"context"
	"time"

	"github.com/bruskajp/nano_services/internal/rate"
)

// Dumps limits how often a tree of services, or a service without a tree, looks for a
// stack. The limit is not the process's: what one tree reports does not depend on what
// another one has reported before, in a test least of all.
type Dumps struct{ limit rate.Limit }

// interval is the least time between two dumps.
const interval = time.Minute

// May reports whether a dump may be made now, and takes it for made then.
func (d *Dumps) May(now time.Time) bool {
	_, _, ok := d.limit.Pass(now, interval)
	return ok
}

type dumpsKey struct{}

// WithDumps returns a context for those who share the limit d.
func WithDumps(ctx context.Context, d *Dumps) context.Context {
	return context.WithValue(ctx, dumpsKey{}, d)
}

// DumpsOf returns the limit that comes with ctx, or nil.
func DumpsOf(ctx context.Context) *Dumps {
	d, _ := ctx.Value(dumpsKey{}).(*Dumps)
	return d
}
