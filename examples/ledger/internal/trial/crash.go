package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// crashes crashes services at random, rate times a second, until ctx ends. It returns
// how many have crashed and come back.
func (c *client) crashes(ctx context.Context, rate float64) (n int, err error) {
	var names []string
	for begun := time.Now(); ctx.Err() == nil; {
		next := begun.Add(time.Duration(float64(n+1) / rate * float64(time.Second)))
		select {
		case <-time.After(time.Until(next)):
		case <-ctx.Done():
			return n, nil
		}
		if names == nil {
			if status, text, err := c.once(ctx, http.MethodGet, "/chaos", "", nil); err != nil || status != http.StatusOK || json.Unmarshal(text, &names) != nil {
				continue // it is just being killed
			}
		}
		name := names[rand.IntN(len(names))]
		if n < len(names) {
			name = names[n] // each once, before it is up to chance
		}
		// Not ctx: what was begun is counted.
		switch status, text, err := c.once(context.WithoutCancel(ctx), http.MethodPost, "/chaos", "", map[string]string{"name": name}); {
		case err != nil || status == http.StatusServiceUnavailable: // killed, or busy
		case status == http.StatusOK:
			n++
		default:
			return n, fmt.Errorf("trial: %s: %d %s", name, status, text)
		}
	}
	return n, nil
}

// Crash crashes services of the ledger at url until ctx ends, rate times a second.
func Crash(ctx context.Context, url string, rate float64) error {
	c := newClient()
	defer c.http.CloseIdleConnections()
	c.at(url)
	_, err := c.crashes(ctx, rate)
	return err
}
