package goid

import (
	"sync"
	"sync/atomic"
)

// A Registry holds a value for each goroutine that has one. The zero value is
// ready to use. It may be used by any number of goroutines.
//
// It is a hash table in parts, each with open addressing and a lock for the goroutine that
// writes. Current reads without a lock, in 4 ns where a sync.Map takes 17, because a
// goroutine only ever looks for what it has put in itself:
//
//   - no other goroutine writes or moves its entry. A part that is full, or has become nearly
//     empty, is replaced by a copy as a whole; the old one still has the entry.
//   - what it finds before its own entry are entries of others, or deleted ones, whatever
//     happens to them meanwhile: an entry that was passed over when its own was put in is
//     never free again in that table, so the search goes on.
//
// Entries that stay, one for each record that the runtime ever used, would spare a returning
// goroutine the lock: at most 20 of the 40 ns of an Enter with its Leave (BenchmarkEnterLeave),
// once in the life of a service, which takes microseconds to start and stop. So entries go.
type Registry[V any] struct {
	parts [parts]part[V]
}

const (
	parts = 32 // more writers than that at once are rare
	least = 8  // entries of a table
)

type part[V any] struct {
	table atomic.Pointer[table[V]]
	mu    sync.Mutex // of writers
	live  int        // entries with a value
	used  int        // those, and the deleted ones
	_     [64 - 32]byte
}

type table[V any] struct{ entries []entry[V] } // a power of two of them

// entry is free while its key is 0, and deleted while its value is nil.
type entry[V any] struct {
	key   atomic.Uint64
	value atomic.Pointer[V]
}

// Enter registers v for the running goroutine and returns what was registered
// before, for Leave.
func (r *Registry[V]) Enter(v *V) (before *V) { return r.set(v) }

// Leave puts back what Enter returned.
func (r *Registry[V]) Leave(before *V) { r.set(before) }

// Current returns the value of the running goroutine, or nil.
func (r *Registry[V]) Current() *V {
	key := current()
	h := hash(key)
	t := r.parts[h%parts].table.Load()
	if t == nil {
		return nil
	}
	if e := t.find(key, h); e != nil {
		return e.value.Load()
	}
	return nil
}

func (r *Registry[V]) set(v *V) (before *V) {
	key := current()
	h := hash(key)
	p := &r.parts[h%parts]
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.table.Load()
	if t != nil {
		if e := t.find(key, h); e != nil {
			before = e.value.Swap(v)
			p.live += count(v) - count(before)
			if len(t.entries) > least && p.live < len(t.entries)/8 {
				p.renew(t) // many goroutines have gone
			}
			return before
		}
	}
	if v == nil {
		return nil
	}
	if t == nil || p.used >= len(t.entries)*3/4 {
		t = p.renew(t)
	}
	t.put(key, h, v)
	p.live++
	p.used++
	return nil
}

func count[V any](v *V) int {
	if v == nil {
		return 0
	}
	return 1
}

// renew replaces the table by a copy that has room, and no deleted entries.
func (p *part[V]) renew(old *table[V]) *table[V] {
	size := least
	for size/2 <= p.live {
		size *= 2
	}
	t := &table[V]{make([]entry[V], size)}
	if old != nil {
		for i := range old.entries {
			if v := old.entries[i].value.Load(); v != nil {
				key := old.entries[i].key.Load()
				t.put(key, hash(key), v)
			}
		}
	}
	p.used = p.live
	p.table.Store(t)
	return t
}

// find returns the entry of key, which is the running goroutine's, or nil.
func (t *table[V]) find(key, h uint64) *entry[V] {
	for i := h / parts; ; i++ {
		e := &t.entries[i%uint64(len(t.entries))]
		switch e.key.Load() {
		case key:
			return e
		case 0:
			return nil
		}
	}
}

// put enters a key that is not there. There is room.
func (t *table[V]) put(key, h uint64, v *V) {
	for i := h / parts; ; i++ {
		e := &t.entries[i%uint64(len(t.entries))]
		if e.key.Load() == 0 {
			e.value.Store(v)
			e.key.Store(key)
			return
		}
	}
}

// hash spreads keys, which are addresses of things of one size, or small numbers.
func hash(key uint64) uint64 {
	key *= 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	return key ^ key>>32
}
