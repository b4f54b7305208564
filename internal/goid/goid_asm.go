//go:build (amd64 || arm64) && !purego

package goid

import "unsafe"

// getg returns the address of the running goroutine's record. It is only ever
// compared.
func getg() unsafe.Pointer

// current is a pointer and not a number, because a pointer becomes a map key
// without an allocation.
func current() unsafe.Pointer { return getg() }
