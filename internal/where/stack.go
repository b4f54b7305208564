package where

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
)

// maxStack is how many frames of a panic's stack are written.
const maxStack = 64

// File cuts the folders from a file's name, for what people read: where it lies on the
// machine that built the program is of no use to them, and a function's name has its package.
func File(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Stack formats a stack in the form of runtime/debug.Stack, deepest call first. It begins
// with the panic itself, and not with deferred functions.
func Stack(pcs []uintptr) []byte {
	var b bytes.Buffer
	frames, begun := runtime.CallersFrames(pcs), false
	for {
		f, more := frames.Next()
		begun = begun || f.Function == "runtime.gopanic" || f.Function == "runtime.Goexit"
		if begun && f.Function != "" {
			fmt.Fprintf(&b, "%s(...)\n\t%s:%d\n", f.Function, f.File, f.Line)
		}
		if !more {
			return b.Bytes()
		}
	}
}

// Users is a Stack for a record: without the library's frames, which tell nothing about what has
// gone wrong. Its last line says how many those are.
func Users(stack []byte) string {
	var b strings.Builder
	left, ours := 0, false
	for line := range strings.Lines(string(stack)) {
		if !strings.HasPrefix(line, "\t") { // the function, and not its file
			if ours = InLibrary(line); ours {
				left++
			}
		}
		if !ours {
			b.WriteString(line)
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, "(%d frames of the library are left out)\n", left)
	}
	return b.String()
}

// Panicked is Users of the panic that the deferred function which calls it has recovered.
func Panicked() string {
	var pcs [maxStack]uintptr
	return Users(Stack(pcs[:runtime.Callers(2, pcs[:])]))
}
