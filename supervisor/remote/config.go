package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Config is what a Node may be told. The zero value is of use.
type Config struct {
	// Timeout ends calls whose context has no deadline. Default 10 s.
	Timeout time.Duration

	// InFlight bounds the calls and casts of the node that are not answered yet: one more
	// call waits, within its context, and one more cast is refused with
	// actor.ErrMailboxFull. Default 4096.
	InFlight int

	// AckTimeout is how long a cast may be unanswered before it is counted as unknown.
	// Default 5 s.
	AckTimeout time.Duration

	// ClockSkew is how far the clocks of two machines may be apart: a request that arrives
	// later than that after its caller's deadline is not run. Default 1 min; negative: none
	// is refused for that.
	ClockSkew time.Duration

	// Logger gets what goes wrong: casts that were not accepted, messages that were dropped,
	// answers that could not be sent. Arguments, results and credentials are not in it. It is
	// called with one record after the other, on a goroutine of the node's; one that comes while
	// 256 wait is lost, and the next has the number (lost). What it causes itself is not
	// logged. Default slog.Default().
	Logger *slog.Logger

	// OnDeadLetter is called with each cast that was not accepted, one after the other, on a
	// goroutine of the node's. Until it has returned the cast takes its place of InFlight
	// (Info.InFlight), though it is refused or unknown already (Info.Casts). It is not told of
	// a cast that it has sent itself, whose error Sync has, and the log.
	OnDeadLetter func(Letter)

	// Inject sets headers of a request that the caller's context asks for, as those of a
	// trace. Names that begin with Nano- are the package's. It is called by the caller.
	Inject func(ctx context.Context, set func(key, value string))

	// Extract returns ctx with what headers of a request say. It is called where messages
	// arrive, and does not wait. If it panics, the method is not run.
	Extract func(ctx context.Context, get func(key string) string) context.Context

	// Span is called around each call, by the caller, with kind "call" and the method as
	// "store.DB/Total". The context that it returns is the call's, and the function is
	// called with what the call returns.
	Span func(ctx context.Context, kind, method string) (context.Context, func(error))
}

// Letter is a cast that was not accepted, or of which that is not known.
type Letter struct {
	Name    string        // for whom it was
	Method  string        // which was to be called
	Outcome actor.Outcome // NotRun or Unknown
	Err     error         // why
}

// withDefaults returns c with defaults for what is zero, or an error that names each field that
// cannot be meant.
func (c Config) withDefaults() (Config, error) {
	var bad []error
	positive := func(name string, d *time.Duration, standard time.Duration) {
		switch {
		case *d < 0:
			bad = append(bad, fmt.Errorf("remote: Config.%s is %v; it must not be negative", name, *d))
		case *d == 0:
			*d = standard
		}
	}
	positive("Timeout", &c.Timeout, 10*time.Second)
	positive("AckTimeout", &c.AckTimeout, 5*time.Second)
	switch {
	case c.InFlight < 0:
		bad = append(bad, fmt.Errorf("remote: Config.InFlight is %d; it must not be negative", c.InFlight))
	case c.InFlight == 0:
		c.InFlight = 4096
	}
	if c.ClockSkew == 0 {
		c.ClockSkew = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, errors.Join(bad...)
}
