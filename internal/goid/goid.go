// Package goid answers one question: which value, if any, did the running
// goroutine register itself with? Package actor asks it to know whether a caller
// is itself a service, without which a cycle of services that wait for each other
// could not be refused.
//
// Go has no public way to ask. Goroutine labels are inherited by the goroutines
// that a goroutine starts, and so would lie. What is used instead is the address
// of the runtime's record of the goroutine, which two lines of assembly return in
// 2 ns (goid_asm.go), or, where there is no assembly, the number that
// runtime.Stack prints, in about 1.5 µs (goid_portable.go; build tag purego). The
// runtime uses a record again when its goroutine has ended, so a registration has
// to be taken back before that: Leave belongs in a defer. The package has one more
// function, Callers, which follows the frame pointers of the stack.
package goid

import (
	"bytes"
	"runtime"
)

// ID returns the number of the running goroutine, as tracebacks print it, in about
// 1.5 µs.
func ID() string {
	var buf [40]byte
	return idOf(buf[:runtime.Stack(buf[:], false)])
}

// idOf cuts the number from the first line of a stack, "goroutine 18 [running]:",
// whose form has not changed since Go 1.0.
func idOf(stack []byte) string {
	line := bytes.TrimPrefix(stack, []byte("goroutine "))
	digits, _, _ := bytes.Cut(line, []byte(" "))
	return string(digits)
}

// StackOf returns the stack of the goroutine with that number, or "" if there is
// none. It stops the world for a dump of all goroutines.
func StackOf(id string) string { return StackIn(id, "") }

// StackIn returns the stack of a goroutine that is in function, named as where.Short does: the one
// with the number id, or one that it has created, directly or through others, or else the only one
// there, since a creator that has ended is not found. If there is none, it is StackOf.
func StackIn(id, function string) (own string) {
	creators := map[string]string{}
	var inside [][]byte
	for _, stack := range bytes.Split(dump(), []byte("\n\n")) {
		is := idOf(stack)
		in := function != "" && (bytes.Contains(stack, []byte("/"+function+"(")) || bytes.Contains(stack, []byte("\n"+function+"(")))
		if is == id {
			if own = string(stack); in || function == "" {
				return own
			}
		} else if in {
			inside = append(inside, stack)
		}
		if i := bytes.LastIndex(stack, []byte(" in goroutine ")); i >= 0 {
			creator, _, _ := bytes.Cut(stack[i+len(" in goroutine "):], []byte("\n"))
			creators[is] = string(creator)
		}
	}
	for _, stack := range inside {
		for by := creators[idOf(stack)]; by != ""; by = creators[by] {
			if by == id {
				return string(stack)
			}
		}
	}
	if len(inside) == 1 {
		return string(inside[0])
	}
	return own
}

// dump returns the stacks of all goroutines.
func dump() []byte {
	buf := make([]byte, 1<<16)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) || len(buf) >= 1<<24 {
			return buf[:n]
		}
		buf = make([]byte, 2*len(buf))
	}
}
