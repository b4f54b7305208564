// Package trial has the ledger used by many while its services crash and its process is
// killed, and then proves from the database that no money was lost or made.
//
//	trial.go   a trial, and its result
//	load.go    those who transfer
//	client.go  what they do it with
//	crash.go   what crashes services
//	child.go   the process that is killed
//	proof.go   what the database has to say
package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// A client asks the ledger over HTTP, wherever that is at the time.
type client struct {
	http *http.Client
	base atomic.Pointer[string] // its URL
	open atomic.Int64           // requests that are not answered
}

func newClient() *client {
	return &client{http: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256},
	}}
}

func (c *client) at(url string) {
	url = strings.TrimRight(url, "/")
	c.base.Store(&url)
}

// once makes a request. No error means that there was an answer.
func (c *client) once(ctx context.Context, method, path, key string, body any) (status int, text []byte, err error) {
	c.open.Add(1)
	defer c.open.Add(-1)
	data, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, *c.base.Load()+path, bytes.NewReader(data))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

// settled makes a request again and again, with the same key, until there is an answer
// that says what has become of it: 201 with a body for result, or a refusal, or an error
// that should not be.
func (c *client) settled(ctx context.Context, path, key string, body, result any) (refused bool, err error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		status, text, err := c.once(ctx, http.MethodPost, path, key, body)
		switch {
		case err != nil || status >= 500: // unknown, or later
		case status == http.StatusCreated:
			return false, json.Unmarshal(text, result)
		case status == http.StatusUnprocessableEntity || status == http.StatusConflict:
			return true, nil
		default:
			return false, fmt.Errorf("trial: POST %s: %d %s", path, status, bytes.TrimSpace(text))
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false, fmt.Errorf("trial: POST %s: what has become of it is not settled: %w", path, ctx.Err())
		}
	}
}
