package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Dial returns a function that connects as this package needs it: no buffer while
// disconnected, so that what was not sent is known not to be sent; endless reconnects, soon
// at first; a ping each 5 s, and the connection is given up at the third that is not
// answered. opts come last. A user and password, or a token, are given by nats.UserInfo or
// nats.Token; in url, what has a meaning in it is escaped: / as %2F, the comma between two
// addresses as %2C. Errors do not quote url.
//
// The first connect fails if the server cannot be reached: after 2 s for each address, or
// what the deadline of its context leaves if that is less. Its cancellation does not matter.
// A supervisor does not try that again at its start, which fails then, unless Child.Backoff
// says so.
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
		if isTorn(url) {
			return nil, fmt.Errorf("remote: cannot connect to NATS: %w", errNoURL)
		}
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
			return nil, fmt.Errorf("remote: cannot connect to NATS: %w", discreet(err, url))
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
	case !nc.HeadersSupported() && !nc.IsConnected():
		return errors.New("remote: the connection has not been made yet, as with nats.RetryOnFailedConnect: what is up is connected; a Backoff of the node's Child tries again")
	case !nc.HeadersSupported():
		return errors.New("remote: the NATS server has no headers")
	}
	return nil
}

// errNoURL says of an address what is wrong with it without a word of it: it may have a
// password in it, and what does not belong there is mostly a part of one.
var errNoURL = errors.New("the address is no URL; in a user, password or token of it / ? # % @ and the comma are escaped, as %2F")

// isTorn reports whether a password ends what should be the host of an address: what comes
// before it would be looked up, and be found in errors, in DNS and on the network.
func isTorn(addresses string) bool {
	for address := range strings.SplitSeq(addresses, ",") {
		if _, rest, found := strings.Cut(address, "://"); found {
			address = rest
		}
		if i := strings.IndexAny(address, "/?#"); i >= 0 && strings.Contains(address[i:], "@") {
			return true
		}
	}
	return false
}

// discreet returns err without what it quotes of the address, if that has a user.
func discreet(err error, address string) error {
	if _, ok := errors.AsType[*url.Error](err); ok {
		return errNoURL
	}
	if !strings.Contains(address, "@") {
		return err
	}
	// After a comma in a password the part before it counts as a host.
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("a host of the address: %s", dns.Err)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}
