//go:build purego || !(amd64 || arm64)

package goid

import "strconv"

// current returns the number of the running goroutine.
func current() uint64 {
	n, err := strconv.ParseUint(ID(), 10, 64)
	if err != nil {
		panic("goid: a stack that begins with " + strconv.Quote(ID()))
	}
	return n
}
