package instrument

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A Histogram counts times in buckets that are an eighth of an octave wide, so that a
// quantile is right to within an eighth. It takes 2.7 KB, and is written and read by any
// goroutine, without a lock. The zero value has counted nothing.
//
// Times below 8 ns have a bucket each. Above, a time of n bits is in octave n-4, and
// the three bits after its first choose the bucket.
type Histogram struct {
	counts [octaves * 8]atomic.Uint64
	used   atomic.Uint64 // a bit for each eight buckets; 0: they are empty, and cost a reader nothing
	sum    atomic.Uint64
	max    Max
}

// octaves is enough for four hours; longer times count as that.
const octaves = 42

// Add counts a time in nanoseconds. A negative one is 0.
func (h *Histogram) Add(d int64) {
	d = max(d, 0)
	bucket := bucketOf(d)
	if bit := uint64(1) << (bucket / 8); h.used.Load()&bit == 0 {
		h.used.Or(bit) // before the count, so that the count is seen
	}
	h.counts[bucket].Add(1)
	h.sum.Add(uint64(d))
	h.max.Note(d)
}

// Each calls f with each bucket that is not empty: the longest time that would be in it,
// and how many are. They come by time.
func (h *Histogram) Each(f func(upTo time.Duration, count uint64)) {
	for used := h.used.Load(); used != 0; used &= used - 1 {
		first := bits.TrailingZeros64(used) * 8
		for i := first; i < first+8; i++ {
			if n := h.counts[i].Load(); n > 0 {
				f(topOf(i), n)
			}
		}
	}
}

// Sum returns all times together.
func (h *Histogram) Sum() uint64 { return h.sum.Load() }

// Max returns the longest time.
func (h *Histogram) Max() time.Duration { return time.Duration(h.max.Load()) }

func bucketOf(d int64) int {
	if d < 8 {
		return int(d)
	}
	octave := bits.Len64(uint64(d)) - 4
	return min((octave+1)*8+int(d>>octave)&7, octaves*8-1)
}

// topOf returns the longest time that is in a bucket.
func topOf(bucket int) time.Duration {
	if bucket < 8 {
		return time.Duration(bucket)
	}
	octave := bucket/8 - 1
	return time.Duration(int64(8+bucket%8+1)<<octave - 1)
}

// Max is the largest number that was noted. The zero value is 0.
type Max struct{ n atomic.Int64 }

// Note makes it at least n.
func (m *Max) Note(n int64) {
	for {
		old := m.n.Load()
		if n <= old || m.n.CompareAndSwap(old, n) {
			return
		}
	}
}

// Load returns it.
func (m *Max) Load() int64 { return m.n.Load() }
