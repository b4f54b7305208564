package actor

import (
	"container/list"
	"sync"
)

// demise is what the watchers of a service learn: that an incarnation is over or, with number 0,
// that there was none and none is going to run.
type demise struct {
	number uint64
	err    error // as Serve returns it
	final  bool  // the service has ended for good
}

// ends are the watchers of a service. mu is a lock of its own because a watcher may stop watching
// at its own end, under its own core.mu. While mu is held no other lock is taken.
type ends struct {
	mu  sync.Mutex
	all list.List // of *onEnd, first come
}

// An onEnd is called for each end of a service, in their order, before the service
// goes on to where it goes next. It is called by one goroutine at a time, without
// locks of the service, and must not block.
type onEnd struct {
	f func(demise)
	e *list.Element // nil: taken back; guarded by ends.mu
}

// add has f called for each end from now on.
func (l *ends) add(f func(demise)) *onEnd {
	w := &onEnd{f: f}
	l.mu.Lock()
	defer l.mu.Unlock()
	w.e = l.all.PushBack(w)
	return w
}

// remove takes back add. An end that is being told may still reach w.
func (l *ends) remove(w *onEnd) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.e != nil {
		l.all.Remove(w.e)
		w.e = nil
	}
}

// count returns the number of present watchers. A nil ends has none.
func (l *ends) count() int {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Len()
}

// now returns the present watchers. A nil ends has none.
func (l *ends) now() (all []*onEnd) {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := l.all.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*onEnd))
	}
	return all
}
