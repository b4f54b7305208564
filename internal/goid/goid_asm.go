//go:build (amd64 || arm64) && !purego

package goid

import "unsafe"

// getg returns the address of the running goroutine's record. It is only ever
// compared.
func getg() unsafe.Pointer

// Callers writes up to n return addresses to where pcs points, that of the call of its caller
// first, and returns how many. It follows the frame pointers, which are there on these machines,
// in 1 ns each; runtime.Callers takes 80, and 25 for each frame, skipped or not (go test -run
// '^$' -bench Walk ./internal/goid). So inlined calls are not among them (runtime.CallersFrames
// finds them), and functions that the compiler has added are. All of it is one assembly function,
// since the stack of a Go function may be moved while it runs. It goes only upwards and never out
// of the stack, whatever it finds there.
//
//go:noescape
func Callers(pcs *uintptr, n int) int

// current is a number and not a pointer, so that a registration keeps nothing alive.
func current() uint64 { return uint64(uintptr(getg())) }
