package run

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
)

//go:generate go tool nanogen -type Site

// Site has methods that use what they are given before they return. Nothing in
// their signatures says so.
type Site struct {
	hits int
	list []int
	wg   sync.WaitGroup
}

func newSite(list ...int) *Site { return &Site{list: list} }

// ServeHTTP answers.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.hits++
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, "%s: hit %d", r.URL.Path, s.hits)
}

// Each calls back.
func (s *Site) Each(f func(int)) {
	for _, n := range s.list {
		f(n)
	}
}

// Range calls back until it is told to stop.
func (s *Site) Range(yield func(i, n int) bool) {
	for i, n := range s.list {
		if !yield(i, n) {
			return
		}
	}
}

// Fill fills.
func (s *Site) Fill(dst []int) { copy(dst, s.list) }

// Shuffle changes the order.
func (s *Site) Shuffle(numbers []int) {
	rand.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	numbers[0] = len(numbers)
}

// Begin begins something that ends with the channel.
func (s *Site) Begin(end <-chan struct{}) { s.wg.Go(func() { <-end }) }

// Wait waits for all that was begun.
func (s *Site) Wait() { s.wg.Wait() }

// Push stores.
func (s *Site) Push(numbers []int) { s.list = append(s.list, numbers...) }

// siteHandler makes a http.Handler of a service. Site has ServeHTTP(w, r), and the
// service ServeHTTP(ctx, w, r) error.
type siteHandler struct{ site SiteService }

func (h siteHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Not r's context, which ends when the client goes: the handler would return while
	// the site still writes to w.
	if err := h.site.ServeHTTP(context.WithoutCancel(r.Context()), w, r); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}
