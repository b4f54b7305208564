package actor

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A histogram counts times in buckets that are an eighth of an octave wide, so that a
// quantile is right to within an eighth. It is made by the first sample, takes 2.7 KB,
// and is written and read without a lock.
//
// Times below 8 ns have a bucket each. Above, a time of n bits is in octave n-4, and
// the three bits after its first choose the bucket.
type histogram struct {
	counts [octaves * 8]atomic.Uint64
	sum    atomic.Uint64
	max    atomic.Int64
}

// octaves is enough for four hours; what takes longer counts for that.
const octaves = 42

// add counts a time.
func (h *histogram) add(d int64) {
	d = max(d, 0)
	h.counts[bucketOf(d)].Add(1)
	h.sum.Add(uint64(d))
	raise(&h.max, d)
}

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

// Histogram is how a time is distributed. It is plain data. The zero value is of
// nothing measured.
type Histogram struct {
	Count   uint64        // closures
	Mean    time.Duration // of them
	Max     time.Duration // the longest that was measured
	Buckets []Bucket      // by time, the empty ones left out
}

// Bucket is a part of a Histogram.
type Bucket struct {
	UpTo  time.Duration // longer than the bucket before, and at most this
	Count uint64        // closures
}

// Quantile returns the time that the fraction q, from 0 to 1, of closures did not
// exceed: 0.5 is the median. It is right to within an eighth. Of nothing it is 0.
func (h Histogram) Quantile(q float64) time.Duration {
	if h.Count == 0 {
		return 0
	}
	rank := uint64(q * float64(h.Count))
	var seen uint64
	for _, b := range h.Buckets {
		if seen += b.Count; seen > rank {
			return min(b.UpTo, h.Max)
		}
	}
	return h.Max
}

// snapshot returns what was counted; a nil histogram has counted nothing.
func (h *histogram) snapshot() (s Histogram) {
	if h == nil {
		return s
	}
	for i := range h.counts {
		if n := h.counts[i].Load(); n > 0 {
			s.Count += n
			s.Buckets = append(s.Buckets, Bucket{topOf(i), n})
		}
	}
	if s.Count > 0 {
		s.Mean = time.Duration(h.sum.Load() / s.Count)
	}
	s.Max = time.Duration(h.max.Load())
	return s
}
