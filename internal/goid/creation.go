package goid

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Creation returns where the running goroutine was created, as "file.go:48", or "main". If a
// helper such as a WaitGroup created it, Creation returns where the function begins for which the
// helper did so. It takes microseconds.
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
	if helps(by) {
		return outermost()
	}
	_, at, _ := strings.Cut(by, "\n\t")
	at, _, _ = strings.Cut(at, " ")
	return at[strings.LastIndexByte(at, '/')+1:]
}

// helps reports whether a function is of a package that creates goroutines for others.
func helps(function string) bool {
	for _, of := range []string{"sync.", "time.", "context.", "golang.org/x/sync/errgroup."} {
		if strings.HasPrefix(function, of) {
			return true
		}
	}
	return false
}

// outermost returns where the first function of the running goroutine begins that is no helper's.
func outermost() string {
	pcs := make([]uintptr, 64)
	n := runtime.Callers(2, pcs)
	for ; n == len(pcs); n = runtime.Callers(2, pcs) {
		pcs = make([]uintptr, 2*len(pcs))
	}
	var first runtime.Frame
	for frames, more := runtime.CallersFrames(pcs[:n]), true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); !helps(f.Function) && f.Function != "runtime.goexit" {
			first = f
		}
	}
	if first.Func == nil { // it is inlined, and has no beginning
		return first.Function[strings.LastIndexByte(first.Function, '/')+1:]
	}
	file, line := first.Func.FileLine(first.Entry)
	return filepath.Base(file) + ":" + strconv.Itoa(line)
}
