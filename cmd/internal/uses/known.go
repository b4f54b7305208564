package uses

import "strings"

// A custom is what a function of another package is known to do with pointers, slices
// and maps. Functions and interfaces that it reads it may call all the same.
type custom uint8

const (
	unknown   custom = iota
	reads            // it reads them
	readsRest        // it writes to the first, and reads the rest
	takes            // it stores all that it is given, or leaves it to another goroutine
)

// customs has the functions and methods that are known, by package. They are few, and
// their documentation promises it: those that print and encode, those that look for
// something or copy it, those that store, and those that start a goroutine or send to
// a service. All of it is said of arguments: a method's receiver may be written to.
var customs = map[string][]struct {
	custom custom
	names  string
}{
	"fmt": {
		{reads, "Print Printf Println Sprint Sprintf Sprintln Errorf"},
		{readsRest, "Fprint Fprintf Fprintln"},
	},
	"log":           {{reads, "Print Printf Println"}},
	"log/slog":      {{reads, "Any Debug DebugContext Info InfoContext Log LogAttrs Warn WarnContext Error ErrorContext"}},
	"encoding/json": {{reads, "Encode Marshal MarshalIndent"}},
	"reflect":       {{reads, "DeepEqual"}},
	"strings":       {{reads, "Join"}},
	"bytes":         {{reads, "Clone Compare Contains Equal Fields HasPrefix HasSuffix Index Join Split TrimSpace"}},
	"slices": {
		{reads, "All Backward BinarySearch BinarySearchFunc Clone Collect Compare Concat Contains ContainsFunc Equal EqualFunc " +
			"Index IndexFunc IsSorted IsSortedFunc Max MaxFunc Min MinFunc Repeat Sorted SortedFunc Values"},
		{readsRest, "AppendSeq Insert"},
	},
	"maps": {
		{reads, "All Clone Collect Equal EqualFunc Keys Values"},
		{readsRest, "Copy Insert"},
	},
	"container/list":             {{takes, "InsertAfter InsertBefore PushBack PushFront"}},
	"sync/atomic":                {{takes, "CompareAndSwap Store Swap"}}, // the methods
	"time":                       {{takes, "AfterFunc"}},
	"context":                    {{takes, "AfterFunc"}},
	"sync":                       {{takes, "Go LoadOrStore Put Store Swap"}},
	"golang.org/x/sync/errgroup": {{takes, "Go TryGo"}},
	actorPath:                    {{takes, sends}},
	actorPath + "/topic":         {{takes, sends}},
	module + "/supervisor/pool":  {{takes, sends}},
}

// sends are what hands something to a service, and does not wait for it.
const sends = "Do DoContext Broadcast Async AsyncContext After Every WhenIdle Pipe PipeContext Go Watch Publish Send Subscribe"

// customOf returns what is known of a function or method of a package.
func customOf(path, name string) custom {
	for _, line := range customs[path] {
		for known := range strings.FieldsSeq(line.names) {
			if known == name {
				return line.custom
			}
		}
	}
	return unknown
}

// copies reports whether a function returns a copy of the slice or map that it is
// given, or of the values that it is given.
func copies(path, name string) bool {
	switch path {
	case "slices", "maps", "bytes":
		for _, prefix := range []string{"Clone", "Collect", "Concat", "Repeat", "Sorted"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
	}
	return false
}
