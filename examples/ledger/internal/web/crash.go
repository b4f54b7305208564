package web

import (
	"net/http"
)

// listCrashes answers with the names of what may be crashed.
func (s *Site) listCrashes(w http.ResponseWriter, _ *http.Request) {
	var names []string
	for _, t := range s.Crash {
		names = append(names, t.Name)
	}
	answer(w, http.StatusOK, names)
}

// crash crashes a service, and answers when it is at work again.
func (s *Site) crash(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Name string `json:"name"`
	}
	if !read(w, r, &body) {
		return
	}
	for _, t := range s.Crash {
		if t.Name != body.Name {
			continue
		}
		if err := t.Crash(r.Context()); err != nil {
			s.fail(w, r, err)
			return
		}
		answer(w, http.StatusOK, body)
		return
	}
	problem(w, http.StatusNotFound, "no-service", "there is nothing of that name to be crashed")
}
