//go:build purego || !(amd64 || arm64)

package goid

import (
	"runtime"
	"strconv"
	"unsafe"
)

// Callers is runtime.Callers here, for the caller of its caller: what was inlined is among
// the addresses, and runtime.CallersFrames knows.
func Callers(pcs *uintptr, n int) int { return runtime.Callers(3, unsafe.Slice(pcs, n)) }

// current returns the number of the running goroutine.
func current() uint64 {
	n, err := strconv.ParseUint(ID(), 10, 64)
	if err != nil {
		panic("goid: a stack that begins with " + strconv.Quote(ID()))
	}
	return n
}
