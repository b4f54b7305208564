package actor

import (
	"fmt"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/internal/clock"
	"github.com/bruskajp/nano_services/internal/instrument"
	"github.com/bruskajp/nano_services/internal/where"
)

// ClosureRecord is one closure of a service that has run.
type ClosureRecord struct {
	Func string // name of the function, as Go spells it
	File string // where it begins
	Line int

	Site    string        // where it was handed over, as function, file and line; "": not known
	Begun   time.Time     // when it began to run
	Wait    time.Duration // how long it had waited in the queue; negative: not known
	Run     time.Duration // how long it ran
	Crashed bool          // it panicked, or ended its goroutine
}

// recordOf returns what is known of a closure; at is any moment.
func recordOf(e instrument.Entry, at clock.Moment) ClosureRecord {
	f := where.Place{PC: e.PC}.Frame()
	c := ClosureRecord{
		Func: f.Function, File: f.File, Line: f.Line,
		Begun: at.Wall(e.Begun), Wait: time.Duration(e.Wait), Run: time.Duration(e.Run), Crashed: e.Crashed,
	}
	if e.Site != 0 {
		c.Site = where.Place{PC: e.Site, Site: true}.String()
	}
	return c
}

// String returns the closure in a line: its name, what it took, and its call site if
// that is known.
func (c ClosureRecord) String() string {
	var b strings.Builder
	b.WriteString(where.Name(c.Func, c.File, c.Line))
	if c.Wait >= 0 {
		fmt.Fprintf(&b, " waited %v", c.Wait)
	}
	fmt.Fprintf(&b, " ran %v", c.Run)
	if c.Crashed {
		b.WriteString(" and crashed")
	}
	if c.Site != "" {
		fmt.Fprintf(&b, ", from %s", c.Site)
	}
	return b.String()
}

// trail has the last closures of a service at a moment. Their names are looked up when asked for.
type trail struct {
	instrument.Trail
	at clock.Moment
}

// closures returns them, oldest first.
func (t trail) closures() (cs []ClosureRecord) {
	for _, e := range t.Entries() {
		cs = append(cs, recordOf(e, t.at))
	}
	return cs
}

// Histogram is how a time is distributed. It is plain data. The zero value means that nothing was
// measured.
type Histogram struct {
	Count   uint64        // closures
	Total   float64       // of all, in seconds; it never falls, unlike Count times Mean, which is rounded
	Mean    time.Duration // of them
	Max     time.Duration // the longest that was measured
	Buckets []Bucket      // by time, the empty ones left out
}

// Bucket is a part of a Histogram.
type Bucket struct {
	UpTo  time.Duration // longer than the bucket before, and at most this
	Count uint64        // closures
}

// Quantile returns the time that the fraction q, from 0 to 1, of closures did not exceed: 0.5 is
// the median. It is right to within an eighth. If nothing was measured, it is 0.
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

// histogramOf returns what h has counted; a nil h has counted nothing.
func histogramOf(h *instrument.Histogram) (s Histogram) {
	if h == nil {
		return s
	}
	var room [64]Bucket // as many as there are, mostly: then they are allocated once
	all := room[:0]
	h.Each(func(upTo time.Duration, count uint64) {
		s.Count += count
		all = append(all, Bucket{upTo, count})
	})
	s.Buckets = append(s.Buckets, all...)
	if sum := h.Sum(); s.Count > 0 {
		s.Total, s.Mean = float64(sum)/float64(time.Second), time.Duration(sum/s.Count)
	}
	s.Max = h.Max()
	return s
}
