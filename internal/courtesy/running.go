package courtesy

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// telling is of a goroutine that tells.
type telling struct {
	of    any                 // as of the Waiter
	in    atomic.Pointer[run] // what of the program's it is in; nil: nothing
	hangs chan struct{}       // closed when it is in code that hangs
	once  sync.Once           // closes it
}

// running returns what it is in, or nothing.
func (t *telling) running() (at where.Place) {
	if r := t.in.Load(); r != nil {
		at = r.at()
	}
	return at
}

// run is a run of a hook, or of what a logger runs.
type run struct {
	at    func() where.Place
	state state // guarded by hanging.mu
}

// state is how far a run is.
//
//	state     it outlives a courtesy    it returns
//	runs      hangs, and is counted     returned
//	hangs     hangs                     returned, and is counted no more
//	returned  returned                  returned
type state int

const (
	runs state = iota
	hangs
	returned
)

// hanging has what has outlived a courtesy and has not returned: by the code, of which there may
// be many closures, and many loggers. any reports whether there is something.
var hanging = struct {
	mu   sync.Mutex
	code map[where.Place]int
	any  atomic.Bool
}{code: map[where.Place]int{}}

// Tells reports whether the running goroutine tells for that Waiter's Of, which waits for it.
func Tells(of any) bool {
	for x := range tree.Behalves.Current().All() {
		if t, tells := x.(*telling); tells && t.of == of {
			return true
		}
	}
	return false
}

// Run is hook.Run of code that is at, which is called when that is to be known: who waits for the
// running goroutine, if that tells, knows what it is in.
func Run(what any, at func() where.Place, cause *hook.Call, f func()) (called bool) {
	if b := tree.Behalves.Current(); b != nil {
		if t, tells := b.Of.(*telling); tells {
			defer t.begin(at)()
		}
	}
	return hook.Run(what, cause, f)
}

// Log is Run of what asks l, or hands it a record.
func Log(l *slog.Logger, f func()) {
	Run(l, func() where.Place { return where.Handle(l.Handler()) }, nil, f)
}

// begin notes that t is in that code, until it calls end.
func (t *telling) begin(at func() where.Place) (end func()) {
	r := &run{at: at}
	before := t.in.Swap(r)
	if hanging.any.Load() {
		code := at()
		hanging.mu.Lock()
		elsewhere := hanging.code[code] > 0
		hanging.mu.Unlock()
		if elsewhere {
			t.once.Do(func() { close(t.hangs) })
		}
	}
	return func() {
		t.in.Store(before)
		r.end()
	}
}

// outlives notes that what t is in has outlived a courtesy.
func (t *telling) outlives() {
	r := t.in.Load()
	if r == nil {
		return
	}
	at := r.at()
	hanging.mu.Lock()
	defer hanging.mu.Unlock()
	if r.state == runs {
		r.state = hangs
		hanging.code[at]++
		hanging.any.Store(true)
	}
}

func (r *run) end() {
	hanging.mu.Lock()
	defer hanging.mu.Unlock()
	counted := r.state == hangs
	if r.state = returned; !counted {
		return
	}
	at := r.at() // of the library, as it is above
	if hanging.code[at]--; hanging.code[at] == 0 {
		delete(hanging.code, at)
		hanging.any.Store(len(hanging.code) > 0)
	}
}
