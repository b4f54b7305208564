package remote

import (
	"context"
	"slices"

	"github.com/nats-io/nats.go"
)

// BindOption is an option of Bind: WithInFlight, WithStacks or Authorize.
type BindOption struct{ apply func(*options) }

type options struct {
	inFlight  int
	stacks    bool
	authorize func(ctx context.Context, method string, h Header) error
}

func standard() options { return options{inFlight: 1024} }

// WithInFlight bounds the calls that were accepted and are not answered: one more is refused
// with actor.ErrMailboxFull. Default 1024. An n that is not positive panics.
func WithInFlight(n int) BindOption {
	must(n > 0, "remote: WithInFlight needs a positive number")
	return BindOption{func(o *options) { o.inFlight = n }}
}

// WithStacks has crashes told with the stack. By default it stays in the server's log.
func WithStacks() BindOption { return BindOption{func(o *options) { o.stacks = true }} }

// Authorize has a function decide on each request, by its method and headers, as Config.Inject
// of the caller sets them. Its error is the caller's, with actor.ErrRefused, and the method is not
// run; of a panic, too. ctx is what Config.Extract has made. The function runs where messages
// arrive: it must not wait. A nil one panics.
func Authorize(f func(ctx context.Context, method string, h Header) error) BindOption {
	must(f != nil, "remote: Authorize with a nil function")
	return BindOption{func(o *options) { o.authorize = f }}
}

// Header is the headers of a request.
type Header struct{ h nats.Header }

// Get returns the first value of a header, or "". Upper and lower case differ.
func (h Header) Get(key string) string { return h.h.Get(key) }

// Values returns all values of a header.
func (h Header) Values(key string) []string { return slices.Clone(h.h.Values(key)) }
