package actor

import (
	"testing"
	"time"
)

// Every time is in a bucket whose top is at most an eighth above it, and buckets are in
// order.
func TestHistogramBuckets(t *testing.T) {
	last := -1
	for d := int64(0); d < int64(4*time.Hour); d += 1 + d/31 {
		b := bucketOf(d)
		if b < last {
			t.Fatalf("%v is in bucket %d, behind %d", time.Duration(d), b, last)
		}
		last = b
		top := int64(topOf(b))
		if d > top || float64(top) > float64(d)*9/8+1 {
			t.Fatalf("%d is in a bucket up to %d", d, top)
		}
		if b > 0 && int64(topOf(b-1)) >= d {
			t.Fatalf("%d would fit the bucket up to %d", d, topOf(b-1))
		}
	}
	if b := bucketOf(int64(100 * time.Hour)); b != octaves*8-1 {
		t.Errorf("100 hours are in bucket %d", b)
	}
}

// A reader gets the last closures, in order, while pages are written and replaced.
func TestRecorderPages(t *testing.T) {
	const keep, n = 5, 10_000
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range n {
			r.publish(past{begun: int64(i)}, keep)
		}
	}()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		all := r.trail().recent()
		if len(all) > keep {
			t.Fatalf("%d of %d", len(all), keep)
		}
		for i := 1; i < len(all); i++ {
			if all[i].begun != all[i-1].begun+1 {
				t.Fatalf("%v", all)
			}
		}
		if over && (len(all) != keep || all[keep-1].begun != n-1) {
			t.Errorf("at the end: %v", all)
		}
	}
}

// The one word that says when a closure began, and which.
func TestRecorderTiming(t *testing.T) {
	for _, at := range []int64{1 << 20, 1<<54 - 5000, 1 << 60, -1 << 40} {
		for _, taken := range []uint64{1, 1<<20 + 7, 1<<50 + 3} {
			w := timing(at, taken)
			age, ok := ageOf(w, taken, at+int64(time.Hour))
			if d := age - time.Hour; !ok || d > 2048 || d < -2048 {
				t.Errorf("%d, %d: an hour later the age is %v, %v", at, taken, age, ok)
			}
			if _, ok := ageOf(w, taken+1, at); ok {
				t.Errorf("%d, %d: taken for the next", at, taken)
			}
		}
	}
	if _, ok := ageOf(0, 0, 0); ok {
		t.Error("nothing has an age")
	}
}
