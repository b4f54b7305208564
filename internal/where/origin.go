package where

import "runtime"

// An Origin tells a function through which something is handed over where the user's
// call is: so many calls above the function's caller.
//
// Calls are those of the source: the runtime counts what was inlined, and leaves out what
// the compiler adds, for interfaces, embedding and method values.
type Origin int

// Direct is the Origin of a function whose caller the user has called.
const Direct Origin = 0

// In returns the Origin for what the function that has it calls.
func (o Origin) In() Origin { return o + 1 }

// Site returns where the user's call is. It takes a stack walk of some 300 ns; to look
// the location up, when it is asked for, takes another microsecond.
func (o Origin) Site() Place { return Caller(int(o) + 2) }

// Above is Site for who may never ask, in some nanoseconds.
func (o Origin) Above() Site { return Above(int(o) + 2) }

// Outside is Site, and takes 50 ns more: functions of the package with that path that call
// what they were given are passed over. It reports false if nothing but those is above.
func (o Origin) Outside(pkg string) (at Place, ok bool) {
	first := o.In().Site()
	if !first.In(pkg) {
		return first, true
	}
	var pcs [8]uintptr
	n := runtime.Callers(int(o)+4, pcs[:])
	for _, pc := range pcs[:n] {
		at := Place{PC: pc, Site: true}
		if at.In(pkg) {
			continue
		}
		if at.Frame().Function != "runtime.goexit" {
			return at, true
		}
		break
	}
	return first, false
}
