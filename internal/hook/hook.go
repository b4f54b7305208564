// Package hook keeps hooks and loggers from being told of what they cause themselves: a hook may
// do what it is told of (a dead letter about a dead letter), and would then be told again,
// without end. Hooks that cause one another's calls come to an end like that, too.
package hook

import (
	"sync/atomic"
	"unsafe"

	"github.com/bruskajp/nano_services/internal/goid"
)

// A Call is a call of a hook or a logger that a goroutine is in. It is immutable; nil is none.
type Call struct {
	what   any   // the same value is the same hook, or logger; compared
	before *Call // the call around it, on the same goroutine
	cause  *Call // what has caused what it is told of
}

// calls says what the running goroutine is in, and open counts goroutines that are in
// something: nothing is looked up where no hook is called.
var (
	calls goid.Registry[Call]
	open  atomic.Int32
)

// maxDepth is how many hooks and loggers may be in one another on a goroutine. If each of n hands
// what it is told to all others, there are more than n factorial ways through all of them.
const maxDepth = 3

// Run calls f, which calls the hook or logger what, and returns true. It does nothing if what is
// itself the cause of what it is to be told: the goroutine is in it already, or it is among
// cause; nor at maxDepth. what is compared by ==.
func Run(what any, cause *Call, f func()) (called bool) {
	before := Here()
	if before.has(what) || cause.has(what) || before.depth() >= maxDepth {
		return false
	}
	open.Add(1)
	defer open.Add(-1)
	defer calls.Leave(calls.Enter(&Call{what, before, cause}))
	f()
	return true
}

// Here returns what the running goroutine is in.
func Here() *Call {
	if open.Load() == 0 {
		return nil
	}
	return calls.Current()
}

// Enter has the running goroutine be in c, until it calls leave.
func Enter(c *Call) (leave func()) {
	if c == nil {
		return func() {}
	}
	open.Add(1)
	before := calls.Enter(c)
	return func() {
		calls.Leave(before)
		open.Add(-1)
	}
}

func (c *Call) depth() (n int) {
	for ; c != nil; c = c.before {
		n++
	}
	return n
}

func (c *Call) has(what any) bool {
	for ; c != nil; c = c.before {
		if c.what == what || c.cause.has(what) {
			return true
		}
	}
	return false
}

// ID is what a function is known by as a hook: one function value is one hook, however often
// it is given.
func ID[F any](function F) any { return *(*unsafe.Pointer)(unsafe.Pointer(&function)) }
