//go:build purego || !(amd64 || arm64)

package goid

import (
	"bytes"
	"runtime"
	"strconv"
)

// current returns the number of the running goroutine from the first line of its
// stack, "goroutine 18 [running]:", whose form has not changed since Go 1.0.
func current() uint64 {
	var buf [40]byte
	line := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	digits, _, _ := bytes.Cut(line, []byte(" "))
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		panic("goid: runtime.Stack begins with " + strconv.Quote(string(line)))
	}
	return n
}
