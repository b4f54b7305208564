package observer

import (
	"fmt"
	"strings"
)

// calls are calls of a stack that follow each other and are the program's own, or not.
type calls struct {
	Folded bool // they are the library's, or Go's own
	Title  string
	Frames []frame
}

type frame struct{ Call, Place string }

// library is how the names of the library's functions begin.
const library = "github.com/bruskajp/nano_services/"

// stackOf reads a stack as the runtime prints it: a line for each call, and one for its place.
func stackOf(text string) (all []calls) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] == "" || strings.HasPrefix(lines[i], "goroutine ") {
			continue
		}
		f := frame{Call: shownLines(lines[i])}
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], "\t") {
			i++
			place, _, _ := strings.Cut(strings.TrimSpace(lines[i]), " +0x")
			f.Place = shown(place)
		}
		folded := !isUsers(f.Call)
		if len(all) == 0 || all[len(all)-1].Folded != folded {
			all = append(all, calls{Folded: folded})
		}
		last := &all[len(all)-1]
		last.Frames = append(last.Frames, f)
	}
	for i := range all {
		if all[i].Folded {
			all[i].Title = counted(len(all[i].Frames), "call", "calls") + " of " + owners(all[i].Frames)
		}
	}
	return all
}

// isUsers reports whether a call is the program's own: not of Go's packages, whose paths have
// no dot before the first slash, nor of the library. Its tests and its examples are programs.
func isUsers(call string) bool {
	call = strings.TrimPrefix(call, "created by ")
	if rest, ours := strings.CutPrefix(call, library); ours {
		pkg, _, _ := strings.Cut(rest, ".")
		return strings.HasPrefix(rest, "examples/") || strings.HasSuffix(pkg, "_test")
	}
	host, _, path := strings.Cut(call, "/")
	if !path { // a package of one word: main, or one of Go's
		host, _, _ = strings.Cut(call, ".")
		return host == "main"
	}
	return strings.Contains(host, ".")
}

// owners says whose calls are folded.
func owners(frames []frame) string {
	ours := 0
	for _, f := range frames {
		if strings.HasPrefix(strings.TrimPrefix(f.Call, "created by "), library) {
			ours++
		}
	}
	switch ours {
	case 0:
		return "Go's own packages"
	case len(frames):
		return "the library"
	}
	return fmt.Sprintf("the library (%d) and Go's own packages", ours)
}
