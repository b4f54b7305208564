package actor

import (
	"context"
	"runtime/trace"
)

// While runtime/trace is on, each incarnation is a task, "service <path>", and each
// closure a region in it, named after the closure. That tracing was switched on or off
// is noticed when the service has nothing to do, and when an incarnation begins: to look
// before each closure would cost all of them.

// awake is called by the owner when it has slept.
func (in *incarnation) awake() {
	in.putOnLabel()
	in.noticeTrace()
}

// noticeTrace is called by the owner when it is about to work.
func (in *incarnation) noticeTrace() {
	on := trace.IsEnabled()
	if on == in.traced {
		return
	}
	in.traced = on
	in.c.changeLens(func(l *lens) { l.regions = on })
}

// beginRegion is called by the owner before a closure.
func (r *recorder) beginRegion(in *incarnation, j job) {
	if !trace.IsEnabled() {
		r.endTask()
		return
	}
	if r.task == nil {
		r.inTask, r.task = trace.NewTask(context.Background(), "service "+in.c.Name())
	}
	pc := j.closure().pc
	name, ok := r.names[pc]
	if !ok {
		if r.names == nil {
			r.names = map[uintptr]string{}
		}
		name = location{pc: pc}.String()
		r.names[pc] = name
	}
	r.region = trace.StartRegion(r.inTask, name)
}

func (r *recorder) endRegion() {
	if r.region != nil {
		r.region.End()
		r.region = nil
	}
}

func (r *recorder) endTask() {
	if r.task != nil {
		r.task.End()
		r.task, r.inTask, r.names = nil, nil, nil
	}
}
