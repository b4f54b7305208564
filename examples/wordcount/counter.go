package main

import (
	"cmp"
	"slices"
)

// Count says how often a word occurs.
type Count struct {
	Word string
	N    int64
}

// Counter counts those words that are its own: each word belongs to one counter, so
// no two of them ever touch the same count. It is an ordinary type, without a lock
// and without a channel: being a service is what makes it safe to use.
type Counter struct {
	counts map[string]int64
	total  int64
	latest map[int]int // file -> number of its latest chunk
}

// NewCounter returns an empty counter.
func NewCounter() *Counter {
	return &Counter{counts: make(map[string]int64), latest: make(map[int]int)}
}

// Add adds the counts of a chunk of a file. The batch is the counter's from now on.
//
// A reader that crashed does its chunk again, and cannot know which counters have it
// already. So chunks are numbered, from 1, and what comes a second time is dropped:
// "at least once" and "twice is like once" together make "exactly once".
func (c *Counter) Add(file, chunk int, batch []Count) {
	if chunk <= c.latest[file] {
		return
	}
	c.latest[file] = chunk
	for _, b := range batch {
		c.counts[b.Word] += b.N
		c.total += b.N
	}
}

// Summary is what a counter has to tell in the end.
type Summary struct {
	Top       []Count // most frequent first
	Words     int64
	Different int
}

// Summary returns the n most frequent of the counter's words, or all if n is 0.
func (c *Counter) Summary(n int) Summary {
	all := make([]Count, 0, len(c.counts))
	for word, times := range c.counts {
		all = append(all, Count{word, times})
	}
	return Summary{top(all, n), c.total, len(c.counts)}
}

// top sorts counts, most frequent first and then by word, and returns the first n of
// them, or all if n is 0.
func top(counts []Count, n int) []Count {
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Word, b.Word))
	})
	if n > 0 && n < len(counts) {
		counts = slices.Clone(counts[:n]) // lets go of the others
	}
	return counts
}
