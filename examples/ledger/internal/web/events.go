package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// streams are the streams of events that are open.
type streams struct {
	mu   sync.Mutex
	n    int
	ctx  context.Context // of those that begin now
	stop context.CancelFunc
}

// begin returns the context of a stream that ends with ctx or with all others; or ok is
// false, because there are too many.
func (s *streams) begin(ctx context.Context, most int) (_ context.Context, end func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n >= most {
		return nil, nil, false
	}
	s.n++
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.n--
	}, true
}

// end ends all streams. Those that begin later are not concerned, unless it is for good.
func (s *streams) end(forGood bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	if !forGood {
		s.ctx, s.stop = context.WithCancel(context.Background())
	}
}

// EndStreams ends all streams of events, which would go on for as long as their clients
// like; and once readiness is withdrawn, also one that begins later, on a connection that
// is still open. It is for httpserver.WithOnShutdown.
func (s *Site) EndStreams() { s.streams.end(s.health.withdrawn.Load()) }

// events sends all transfers behind the Last-Event-ID as server-sent events, and
// each new one as it comes. Without that header, or ?after=, it begins with the next one.
func (s *Site) events(w http.ResponseWriter, r *http.Request) {
	ctx, end, ok := s.streams.begin(r.Context(), s.limits.Streams)
	if !ok {
		later(w, "there are too many streams")
		return
	}
	defer end()
	after, ok := s.resume(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := stream{w, http.NewResponseController(w)}
	for err := out.send("retry: 500\n\n"); err == nil; {
		after, err = s.step(ctx, out, after)
	}
}

// resume returns the transfer behind which a stream begins.
func (s *Site) resume(w http.ResponseWriter, r *http.Request) (after int64, ok bool) {
	ctx, cancel := context.WithTimeout(r.Context(), s.limits.Time)
	defer cancel()
	last, err := s.Books.Last(ctx)
	if err != nil {
		s.fail(w, r, err)
		return 0, false
	}
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return last, true
	}
	after, err = strconv.ParseInt(text, 10, 64)
	if err != nil || after < 0 {
		problem(w, http.StatusBadRequest, "event-id", "the ID of an event is the number of a transfer")
		return 0, false
	}
	return min(after, last), true // more than last: it is of another database
}

// step waits for transfers and sends them. A feed that crashes meanwhile is asked
// again: its next incarnation has the same transfers. If it cannot tell, the stream ends,
// and its client comes again, some time later.
func (s *Site) step(ctx context.Context, out stream, after int64) (int64, error) {
	waiting, cancel := context.WithTimeout(ctx, s.limits.Beat)
	defer cancel()
	list, err := s.Next(waiting, after)
	switch {
	case ctx.Err() != nil:
		return after, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return after, out.send(": nothing new\n\n")
	case err != nil:
		if outcome := actor.OutcomeOf(err); outcome == actor.Crashed || outcome == actor.Unknown {
			return after, nil
		}
		return after, err
	}
	var text bytes.Buffer
	for _, t := range list {
		data, err := json.Marshal(t)
		if err != nil {
			return after, err
		}
		fmt.Fprintf(&text, "id: %d\nevent: transfer\ndata: %s\n\n", t.ID, data)
		after = t.ID
	}
	return after, out.send(text.String())
}

// stream is what events are written to.
type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// patience is how long a client may take to read what was sent.
const patience = 10 * time.Second

func (s stream) send(text string) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.rc.Flush()
}
