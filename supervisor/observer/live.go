package observer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	mostStreams = 16
	patience    = 10 * time.Second // how long a client may leave what it is sent
)

// streams are the streams of events that are open, and what ends them.
type streams struct {
	mu      sync.Mutex
	n       int
	servers map[*http.Server]chan struct{} // closed when the server is told to shut down
}

func (s *streams) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n >= mostStreams {
		return false
	}
	s.n++
	return true
}

func (s *streams) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n--
}

// shutdown returns a channel that is closed when the server of the request is told to shut down,
// since that waits for streams. It is nil if there is no server.
func (s *streams) shutdown(r *http.Request) <-chan struct{} {
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	if server == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if told := s.servers[server]; told != nil {
		return told
	}
	if s.servers == nil {
		s.servers = map[*http.Server]chan struct{}{}
	}
	told := make(chan struct{})
	s.servers[server] = told
	server.RegisterOnShutdown(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.servers, server)
		close(told)
	})
	return told
}

// live sends what changes on a page as server-sent events, until the client goes, the tree
// begins to stop or the server is told to shut down.
func (h *handler) live(w http.ResponseWriter, r *http.Request, q query) {
	if !h.streams.enter() {
		w.Header().Set("Retry-After", "5")
		h.refuse(w, r, http.StatusServiceUnavailable, fmt.Sprintf("%d pages are live already: this one is not, until it is loaded again", mostStreams))
		return
	}
	defer h.streams.leave()
	stopping, shutdown := stoppingOf(h.watch.tree), h.streams.shutdown(r)
	w.Header().Set("Content-Type", "text/event-stream")
	out := &stream{w: w, control: http.NewResponseController(w), q: q, h: h}
	_ = out.control.SetReadDeadline(time.Time{}) // the server's is for requests
	for out.err == nil {
		s, err := h.watch.look(r.Context())
		switch {
		case err != nil:
			out.end(err.Error())
			return
		case s.hasEnded(out.last):
			out.end("the tree has stopped")
			return
		}
		out.step(s)
		select {
		case <-s.next:
		case <-stopping:
			out.end("the tree stops")
			return
		case <-shutdown:
			select {
			case <-stopping: // the shutdown comes from that
				out.end("the tree stops")
			default:
				out.end("the server shuts down")
			}
			return
		case <-r.Context().Done():
			return
		}
	}
}

// stoppingOf returns a channel that is closed when a tree begins to stop. It is nil if the tree
// does not tell: then the next sample shows it.
func stoppingOf(tree Tree) <-chan struct{} {
	if t, tells := tree.(interface{ Stopping() <-chan struct{} }); tells {
		return t.Stopping()
	}
	return nil
}

// hasEnded reports whether the tree stops, or does not run any more and did in an earlier
// sample, which may be nil.
func (s *sample) hasEnded(before *sample) bool {
	return s.tree.State == "stopping" || before != nil && before.tree.State != "idle" && s.tree.State == "idle"
}

// stream is one client, and what it has been sent.
type stream struct {
	w       io.Writer
	control *http.ResponseController
	q       query
	h       *handler

	last    *sample
	drawing drawing
	sent    map[string]template.HTML // by id; nil: nothing
	text    bytes.Buffer             // of an event; kept for its room
	err     error
}

// changes is an event: parts by their ids, and the ids of those that are no more.
type changes struct {
	Put  [][2]string `json:"put"`
	Drop []string    `json:"drop"`
}

// step sends what has changed since the last sample.
func (o *stream) step(s *sample) {
	o.last = s
	r, ok := s.part(o.q.Path)
	if !ok {
		o.end("the tree has no " + shown(o.q.Path) + " any more")
		return
	}
	q := o.q
	q.format = "" // links are to pages
	v := newView(s, r, q, &o.h.watch.series)
	all := o.drawing.parts(v)
	if o.err = o.drawing.err; o.err != nil {
		return
	}
	c := changes{Put: [][2]string{}, Drop: []string{}}
	now := make(map[string]template.HTML, len(all))
	for _, p := range all {
		now[p.ID] = p.HTML
		if old, was := o.sent[p.ID]; !was || old != p.HTML {
			c.Put = append(c.Put, [2]string{p.ID, string(p.HTML)})
		}
	}
	for id := range o.sent {
		if _, is := now[id]; !is {
			c.Drop = append(c.Drop, id)
		}
	}
	o.sent = now
	o.send("", c)
}

// end tells the client why there is no more.
func (o *stream) end(why string) {
	o.send("end", why)
	o.err = errors.Join(o.err, io.EOF)
}

// send sends an event. If the client does not take it in time, the stream ends.
func (o *stream) send(event string, data any) {
	if o.err != nil {
		return
	}
	o.text.Reset()
	if event != "" {
		o.text.WriteString("event: " + event + "\n")
	}
	o.text.WriteString("data: ")
	encoder := json.NewEncoder(&o.text) // which ends it with a newline
	encoder.SetEscapeHTML(false)        // it is no part of a page
	if o.err = encoder.Encode(data); o.err != nil {
		return
	}
	o.text.WriteByte('\n')
	_ = o.control.SetWriteDeadline(time.Now().Add(patience)) // fails for what has none, as a recorder in a test
	if _, o.err = o.w.Write(o.text.Bytes()); o.err == nil {
		o.err = o.control.Flush()
	}
}
