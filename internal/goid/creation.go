package goid

import (
	"bytes"
	"runtime"
	"strings"
)

// Creation returns where the running goroutine was created, as "file.go:48", or "main". It
// takes the stack apart, some microseconds.
func Creation() string {
	buf := make([]byte, 1<<12)
	for n := runtime.Stack(buf, false); n == len(buf) && n < 1<<20; n = runtime.Stack(buf, false) {
		buf = make([]byte, 2*len(buf))
	}
	buf = bytes.TrimRight(buf[:runtime.Stack(buf, false)], "\n")
	_, by, found := strings.Cut(string(buf), "\ncreated by ")
	if !found {
		return "main"
	}
	_, at, _ := strings.Cut(by, "\n\t")
	at, _, _ = strings.Cut(at, " ")
	return at[strings.LastIndexByte(at, '/')+1:]
}
