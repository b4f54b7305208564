package observer

import (
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"time"
)

// Tracks returns of how many services a Handler keeps samples.
func Tracks(h http.Handler) int {
	s := &h.(*handler).watch.series
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.of)
}

// LiveSteps returns a function that does what is done each second for a live page of the
// tree: it takes a sample, and sends what has changed.
func LiveSteps(h http.Handler, to io.Writer) (step func()) {
	w := &h.(*handler).watch
	out := &stream{w: to, control: http.NewResponseController(httptest.NewRecorder()), h: h.(*handler)}
	return func() {
		w.mu.Lock()
		w.seen = time.Now()
		w.begin()
		w.mu.Unlock()
		w.take()
		w.timer.Stop() // the next is taken by the next step
		out.step(w.latest)
		if out.err != nil {
			panic(out.err)
		}
	}
}

// WithoutTemplates takes away what pages are made of, until it is restored.
func WithoutTemplates() (restore func()) {
	all := templates
	templates = template.New("")
	return func() { templates = all }
}
