package actor

import (
	"runtime/pprof"
	"runtime/trace"

	"github.com/bruskajp/nano_services/internal/tree"
)

// While runtime/trace is on, each incarnation is a task, "service <path>", and each
// closure a region in it, named after the closure. That tracing was switched on or off
// is noticed when the service has nothing to do, and when an incarnation begins: to look
// before each closure would cost all of them.

// noticeTrace is called by the owner when it is about to work.
func (in *incarnation) noticeTrace() {
	on := trace.IsEnabled()
	if on == in.traced {
		return
	}
	in.traced = on
	in.c.changeLens(func(l *lens) { l.regions = on })
}

// The goroutine of a service carries the label service=<path> when it has proved to
// live: while its constructor runs, if many closures wait at its beginning, and
// otherwise when it is woken for the first time. A service of Start that is idle, or
// that runs one closure and ends, has no use for a label. A restart finds it made.
//
// The contexts that the library passes to closures carry the same label, and not the
// sender's, so that pprof.Do in a closure adds to it and puts it back.

// manyWait is how many closures at the beginning make a label worth its price.
const manyWait = 32

// putOnLabel is called by the owner when a label is due.
func (in *incarnation) putOnLabel() {
	if !in.labelled {
		in.labelled = true
		in.c.label.PutOn(in.c.Name())
	}
}

// takeOffLabel gives the goroutine that called Serve back the labels of its context,
// as pprof.Do does: what else it may have carried, the runtime does not tell.
func (in *incarnation) takeOffLabel() {
	if in.c.label.Made() { // or a closure may have put it on, by pprof.Do
		pprof.SetGoroutineLabels(tree.ValuesOf(in.contexts.base))
	}
}

// labelValue returns what the label's context says of a key.
func (in *incarnation) labelValue(key any) any { return in.c.label.Of(in.c.Name()).Value(key) }
