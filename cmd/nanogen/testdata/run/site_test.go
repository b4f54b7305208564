package run

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

func startSite(t *testing.T, list ...int) SiteService {
	site := NewSiteService(list)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- site.Service().Serve(ctx) }()
	t.Cleanup(func() {
		site.Service().Stop(context.Background())
		cancel()
		<-done
	})
	return site
}

// A handler answers with what the site has written, for each request another.
func TestServeHTTP(t *testing.T) {
	site := startSite(t)
	server := httptest.NewServer(siteHandler{site})
	defer server.Close()
	var mu sync.Mutex
	var bodies []string
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			status, body := get(t, server.URL+"/path")
			if status != http.StatusAccepted {
				t.Errorf("status %d, want %d", status, http.StatusAccepted)
			}
			mu.Lock()
			defer mu.Unlock()
			bodies = append(bodies, body)
		})
	}
	wg.Wait()
	slices.Sort(bodies)
	bodies = slices.Compact(bodies)
	if len(bodies) != 20 || !slices.Contains(bodies, "/path: hit 20") {
		t.Errorf("the bodies are %q", bodies)
	}
	site.Service().Stop(t.Context())
	if status, body := get(t, server.URL); status != http.StatusServiceUnavailable || !strings.Contains(body, actor.ErrStopped.Error()) {
		t.Errorf("after the stop: status %d, %q", status, body)
	}
}

// A handler whose client has gone returns when the site has finished with its writer.
func TestServeHTTPWithoutClient(t *testing.T) {
	site := startSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	siteHandler{site}.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/gone", nil))
	if got := w.Body.String(); got != "/gone: hit 1" {
		t.Errorf("the body is %q", got)
	}
}

func get(t *testing.T, url string) (int, string) {
	response, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(body)
}

// What a method does with its parameters is done when the call returns.
func TestUsesBeforeItReturns(t *testing.T) {
	site := startSite(t, 3, 1, 2)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sum := 0
	must(site.Each(ctx, func(n int) { sum += n }))
	if sum != 6 {
		t.Errorf("Each: the sum is %d", sum)
	}
	found := -1
	must(site.Range(ctx, func(i, n int) bool { found = i; return n != 1 }))
	if found != 1 {
		t.Errorf("Range: it ended at %d", found)
	}
	numbers := make([]int, 4)
	must(site.Fill(ctx, numbers))
	if !slices.Equal(numbers, []int{3, 1, 2, 0}) {
		t.Errorf("Fill: %v", numbers)
	}
	must(site.Shuffle(ctx, numbers))
	if numbers[0] != 4 {
		t.Errorf("Shuffle: %v", numbers)
	}
	must(site.Push([]int{7})) // asynchronous: it has no context
	must(site.Fill(ctx, numbers))
	if numbers[3] != 7 {
		t.Errorf("Push: %v", numbers)
	}
}

// Wait returns after what was begun has ended.
func TestWait(t *testing.T) {
	site := startSite(t)
	end, ended := make(chan struct{}), make(chan struct{})
	if err := site.Begin(end); err != nil {
		t.Fatal(err)
	}
	go func() {
		close(ended)
		close(end)
	}()
	if err := site.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	default:
		t.Error("Wait did not wait")
	}
}
