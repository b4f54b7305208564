package sim

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

// stuck says who waits for what when nothing happens any more: from one dump of all
// goroutines, those of this run.
func (k *kernel) stuck() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var all []string
	for g := range strings.SplitSeq(string(buf), "\n\n") {
		head, rest, _ := strings.Cut(g, "\n")
		if !strings.Contains(head, "synctest bubble") || strings.Contains(head, "running") {
			continue
		}
		if at := ownFrame(rest); at != "" {
			_, why, _ := strings.Cut(head, "[")
			why, _, _ = strings.Cut(why, "]")
			why, _, _ = strings.Cut(why, ", synctest")
			all = append(all, fmt.Sprintf("%s: %s", at, why))
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "\n")
}

// source is where Go's own packages are, as stacks have it; "" if they do not say (-trimpath).
var source = func() string {
	f := runtime.FuncForPC(reflect.ValueOf(strings.Cut).Pointer())
	file, _ := f.FileLine(f.Entry())
	return strings.TrimSuffix(file, "strings/strings.go")
}()

// ownFrame returns the first function of a stack that is neither Go's nor this library's.
func ownFrame(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		name, at := lines[i], strings.TrimSpace(lines[i+1])
		at, _, _ = strings.Cut(at, " ")
		switch {
		case strings.HasPrefix(name, "created by "):
			return ""
		case !strings.Contains(strings.Split(name, "(")[0], ".") || source != "" && strings.HasPrefix(at, source):
			continue
		case strings.Contains(name, "bruskajp/nano_services/") && !strings.Contains(at, "_test.go") && !strings.Contains(name, "/examples/"):
			continue
		}
		name = name[strings.LastIndexByte(name, '/')+1:]
		if open := strings.LastIndexByte(name, '('); open > 0 {
			name = name[:open]
		}
		return name + " " + at[strings.LastIndexByte(at, '/')+1:]
	}
	return ""
}
