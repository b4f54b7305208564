package actor

import (
	"sync/atomic"
	"unsafe"

	"github.com/bruskajp/nano_services/internal/goid"
)

// told is a hook or a logger that a goroutine is in.
type told struct {
	what   any   // the same value is the same hook, or logger; compared
	before *told // what the goroutine is in, too
	cause  *told // what has handed over the closure that it is told of
}

// tellings says what the running goroutine tells whom, and telling counts goroutines
// that do.
var (
	tellings goid.Registry[told]
	telling  atomic.Int32
)

// notify calls f, which calls a hook or a logger, unless that is the cause of what it is
// to be told: because the goroutine is in it already, or it is among cause. What a hook
// does may be what it is told of (a dead letter about a dead letter), and would be again
// without end. Hooks that cause one another's calls end like that, too. Nothing is looked
// up where no hook is called.
func notify(what any, cause *told, f func()) (called bool) {
	before := tellings.Current()
	if before.has(what) || cause.has(what) || before.depth() >= maxTold {
		return false
	}
	telling.Add(1)
	defer telling.Add(-1)
	defer tellings.Leave(tellings.Enter(&told{what, before, cause}))
	f()
	return true
}

// maxTold hooks and loggers may be in one another on a goroutine. Of n that hand what they are
// told to all others, there are more than n factorial ways through all of them.
const maxTold = 3

func (t *told) depth() (n int) {
	for ; t != nil; t = t.before {
		n++
	}
	return n
}

func (t *told) has(what any) bool {
	for ; t != nil; t = t.before {
		if t.what == what || t.cause.has(what) {
			return true
		}
	}
	return false
}

// hookID is what a hook is known by: one function value is one hook, however often it is
// given to WithDeadLetters.
func hookID(hook func(DeadLetter)) any { return *(*unsafe.Pointer)(unsafe.Pointer(&hook)) }

// caused is a job that knows which hook has handed it over. An interceptor may refuse it
// when its turn comes, and then it is a dead letter on a goroutine that is in no hook.
type caused interface {
	blame(*told)
	blamed() *told
}

// causeOf returns which hook has handed j over, if it is known.
func causeOf(j job) *told {
	if m, ok := j.(caused); ok {
		return m.blamed()
	}
	return nil
}

// mark is a part of jobs that can be marked.
type mark struct{ by *told }

func (m *mark) blame(t *told) { m.by = t }
func (m *mark) blamed() *told { return m.by }
