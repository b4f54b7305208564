//go:build (amd64 || arm64) && !purego

package goid

import "unsafe"

// getg returns the address of the running goroutine's record. It is only ever
// compared.
func getg() unsafe.Pointer

// current is a number and not a pointer, so that a registration keeps nothing alive.
func current() uint64 { return uint64(uintptr(getg())) }
