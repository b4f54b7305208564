package remote

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
)

// Dial returns a function that connects as this package needs it: no buffer while
// disconnected, so that what was not sent is known not to be sent; endless reconnects, soon
// at first; a ping each 5 s, and the connection is given up at the third that is not
// answered. opts come last. The first connect fails if the server cannot be reached; a
// supervisor tries again.
func Dial(url string, opts ...nats.Option) func(context.Context) (*nats.Conn, error) {
	opts = slices.Concat([]nats.Option{
		nats.ReconnectBufSize(-1),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(50 * time.Millisecond),
		nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
	}, opts)
	return func(ctx context.Context) (*nats.Conn, error) {
		left := nats.DefaultTimeout
		if deadline, ok := ctx.Deadline(); ok {
			left = min(left, time.Until(deadline))
		}
		first := []nats.Option{nats.Timeout(left)}
		if n, ok := ctx.Value(noiseKey{}).(*noise); ok {
			first = append(first, nats.ErrorHandler(n.report))
		}
		nc, err := nats.Connect(url, append(first, opts...)...)
		if err != nil {
			return nil, fmt.Errorf("remote: cannot connect to NATS: %w", discreet(err))
		}
		return nc, nil
	}
}

// fit returns why a connection cannot be used, or nil.
func fit(nc *nats.Conn) error {
	switch {
	case nc == nil:
		return errors.New("remote: no connection, and no error")
	case nc.Opts.ReconnectBufSize >= 0:
		return errors.New("remote: the connection buffers while it is disconnected, so that what was sent would not be known: it needs nats.ReconnectBufSize(-1), as Dial sets it")
	case len(nc.Opts.InboxPrefix) > maxPrefix:
		return fmt.Errorf("remote: the prefix of inboxes has %d bytes, and may have %d", len(nc.Opts.InboxPrefix), maxPrefix)
	case !nc.HeadersSupported():
		return errors.New("remote: the NATS server has no headers")
	}
	return nil
}

// discreet returns err without the address that an error of parsing one quotes: it may have
// a password in it.
func discreet(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("the address is no URL: %w", u.Err)
	}
	return err
}
