//go:build unix

package observer_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

// crowd starts a tree of n services, a hundred below each supervisor, that measure their times.
func crowd(b *testing.B, n int) (root *supervisor.Supervisor, all []*actor.Service[counter]) {
	b.Helper()
	var groups []supervisor.Child
	for i := 0; i < n; i += 100 {
		var group []supervisor.Child
		for k := range 100 {
			svc := service(fmt.Sprint("svc", k), actor.WithTimes())
			all = append(all, svc)
			group = append(group, supervisor.Child{Service: svc})
		}
		groups = append(groups, supervisor.Child{Service: supervisor.New(fmt.Sprint("group", i/100), supervisor.Spec{Children: group})})
	}
	root = supervisor.New("root", supervisor.Spec{Logger: quiet, Children: groups})
	if err := root.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = root.Stop(context.Background()) })
	work(all)
	return root, all
}

// work has each service do something.
func work(all []*actor.Service[counter]) {
	for _, svc := range all {
		_ = svc.Do(func(c *counter) { c.n++ })
	}
	for _, svc := range all {
		_ = svc.Run(context.Background(), func(*counter) error { return nil })
	}
}

// discard is a client that takes everything, and notes when the first of it came.
type discard struct {
	header http.Header
	first  time.Time
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Flush()              {}
func (d *discard) Write(b []byte) (int, error) {
	if d.first.IsZero() {
		d.first = time.Now()
	}
	return len(b), nil
}

func get(b *testing.B, h http.Handler, target string) *discard {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	w := &discard{header: http.Header{}}
	h.ServeHTTP(w, r)
	if w.first.IsZero() {
		b.Fatal("nothing was written")
	}
	return w
}

// What a page of a large tree costs the server: each is the first one that somebody looks at,
// so that the tree is looked at for it.
func BenchmarkObserverPage(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		root, _ := crowd(b, n)
		for name, target := range map[string]string{"tree": "/", "sorted": "/?sort=rate", "service": "/?path=root/group3/svc7", "picture": "/?view=picture"} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				before := processor()
				for b.Loop() {
					get(b, observer.Handler(root), target)
				}
				b.ReportMetric(float64((processor()-before).Milliseconds())/float64(b.N), "processor-ms")
			})
		}
		_ = root.Stop(context.Background())
	}
}

// The same of JSON, with the time until the first of it is sent.
func BenchmarkObserverJSON(b *testing.B) {
	for _, n := range []int{10_000, 50_000} {
		root, _ := crowd(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var first time.Duration
			before := processor()
			for b.Loop() {
				begun := time.Now()
				first += get(b, observer.Handler(root), "/?format=json").first.Sub(begun)
			}
			b.ReportMetric(float64((processor()-before).Milliseconds())/float64(b.N), "processor-ms")
			b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "ms-to-first-byte")
		})
		_ = root.Stop(context.Background())
	}
}

// What a live page of 1,000 services costs for each second that it is open: the sample, and
// what is sent of it. Idle ones have nothing to do; those that work run ten closures a second
// each; and in the worst case every figure on the page changes each time, which cannot be told
// from what a second brings, because none passes.
func BenchmarkObserverLive(b *testing.B) {
	for name, between := range map[string]func([]*actor.Service[counter]){
		"idle": func([]*actor.Service[counter]) {},
		"work": func(all []*actor.Service[counter]) {
			for range 5 {
				work(all)
				time.Sleep(200 * time.Millisecond)
			}
		},
		"worst": work,
	} {
		root, all := crowd(b, 1000)
		b.Run("1000/"+name, func(b *testing.B) {
			step := observer.LiveSteps(observer.Handler(root), io.Discard)
			step()
			step()
			var used time.Duration
			for b.Loop() {
				b.StopTimer()
				between(all)
				begun := processor()
				b.StartTimer()
				step()
				used += processor() - begun
			}
			b.ReportMetric(used.Seconds()/float64(b.N)*100, "%-of-a-processor")
		})
		_ = root.Stop(context.Background())
	}
}

// processor returns the processor time that the program has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
