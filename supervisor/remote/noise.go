package remote

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/supervisor/remote/internal/aside"
)

// noise is what NATS' client reports besides the answers of its functions, on its way to the
// log.
type noise struct {
	log  *aside.Log
	rate rate.Log[error]
}

// report logs an error, as that a subject is not permitted. That messages were dropped the
// bindings say.
func (n *noise) report(_ *nats.Conn, _ *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		return
	}
	if number, due := n.rate.Add(err, time.Now(), logEvery, n); due {
		n.WriteHeld(err, number)
	}
}

// WriteHeld logs the latest of a number of errors.
func (n *noise) WriteHeld(latest error, number uint64) {
	n.log.Warn("remote: NATS reports an error", "error", latest, "reports", number)
}

// noiseKey is the key of a *noise among the values of the context that a node dials with.
type noiseKey struct{}
