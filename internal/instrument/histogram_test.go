package instrument

import (
	"slices"
	"sync"
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

// What is counted is in the bucket of its time, and in the sum; a negative time is none.
func TestHistogramCounts(t *testing.T) {
	var h Histogram
	for _, d := range []int64{-5, 0, 3, 3, 1000, 1023, 1 << 60} {
		h.Add(d)
	}
	var got [][2]uint64
	h.Each(func(upTo time.Duration, count uint64) { got = append(got, [2]uint64{uint64(upTo), count}) })
	want := [][2]uint64{{0, 2}, {3, 2}, {1023, 2}, {uint64(topOf(octaves*8 - 1)), 1}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if h.Sum() != 3+3+1000+1023+1<<60 || h.Max() != 1<<60 {
		t.Errorf("sum %d, max %d", h.Sum(), h.Max())
	}
}

// Of many who note numbers at once, the largest is there.
func TestMaxOfMany(t *testing.T) {
	var m Max
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 1000 {
				m.Note(int64(i*4 + g))
			}
		})
	}
	all.Wait()
	if m.Note(7); m.Load() != 3999 {
		t.Errorf("%d", m.Load())
	}
}
