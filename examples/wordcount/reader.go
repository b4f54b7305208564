package main

import (
	"context"
	"fmt"
	"hash/maphash"

	"github.com/bruskajp/nano_services/actor"
)

// Reader reads a section, chunk by chunk, and hands the counts of each chunk over to
// the counters. If it crashes it is made anew, and goes on from its source.
type Reader struct {
	id       int // of the section
	src      *source
	counters []*actor.Service[Counter]
	progress *actor.Service[Progress]

	// The counts of the present chunk. Most words of a chunk occur in it again and
	// again: what is handed over is a tenth of what was read.
	counts []Count
	index  map[string]int // of a word in counts
}

// Step does the next chunk. It reports whether there is more to do.
func (r *Reader) Step(ctx context.Context) (more bool, err error) {
	src := r.src
	words := src.words.clone() // the source keeps its own until commit
	words.scan(src.next(), r.count)
	if src.err != nil {
		words.finish(r.count)
	}
	if err := r.handOver(ctx); err != nil {
		return false, err
	}
	size, cut := len(src.chunk), words.cut-src.words.cut
	src.commit(words)
	r.forget()
	// Do never waits: the reader does not care when, or whether, anybody looks.
	_ = r.progress.Do(func(p *Progress) { p.Add(size, cut) })
	return src.err == nil, src.failure()
}

func (r *Reader) count(word []byte) {
	if i, ok := r.index[string(word)]; ok {
		r.counts[i].N++
		return
	}
	w := string(word)
	r.index[w] = len(r.counts)
	r.counts = append(r.counts, Count{w, 1})
}

// handOver sends each counter its share of the counts.
//
// DoContext waits while a counter has no room: so a reader is never far ahead of
// the counters, and memory stays bounded however long the files are. It does not
// wait for the counting itself. That the user wants to stop does not end this wait:
// a chunk is counted whole or not at all.
func (r *Reader) handOver(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	id, number := r.id, r.src.number
	for i, batch := range r.split() {
		if i == len(r.counters)-1 {
			r.crash()
		}
		// The closure runs on the counter's goroutine. It takes the batch along, which
		// nobody here will touch again, and nothing else of the reader's.
		err := r.counters[i].DoContext(ctx, func(_ context.Context, c *Counter) {
			c.Add(id, number, batch)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", r.counters[i].Name(), err)
		}
	}
	return nil
}

// seed is the same for all readers: they have to agree on whose word is whose.
var seed = maphash.MakeSeed()

// split parts the counts by the counters that the words belong to.
func (r *Reader) split() [][]Count {
	batches := make([][]Count, len(r.counters))
	for i := range batches {
		batches[i] = make([]Count, 0, len(r.counts)/len(batches)*5/4)
	}
	for _, c := range r.counts {
		i := maphash.String(seed, c.Word) % uint64(len(batches))
		batches[i] = append(batches[i], c)
	}
	return batches
}

func (r *Reader) forget() {
	clear(r.index)
	clear(r.counts) // so that the words live no longer than the counters want
	r.counts = r.counts[:0]
}

// crash panics once if it was asked for, at the worst moment: when some of the
// counters have got their share of the chunk and others have not.
func (r *Reader) crash() {
	src := r.src
	if at := src.crash; at > 0 && src.from+src.read+int64(len(src.chunk)) >= at {
		src.crash = 0
		panic(fmt.Sprintf("crash asked for after %d bytes", at))
	}
}
