package instrument

import (
	"context"
	"runtime/trace"

	"github.com/bruskajp/nano_services/internal/where"
)

// regions show the closures of a service to runtime/trace: each is a region, named after
// it, of a task that is named after the service. They belong to one goroutine.
type regions struct {
	region *trace.Region
	task   *trace.Task        // while tracing is on
	inTask context.Context    // of task
	names  map[uintptr]string // of regions
}

// begin begins the region of a closure with that entry, if tracing is on.
func (r *regions) begin(service string, pc uintptr) {
	if !trace.IsEnabled() {
		r.endTask()
		return
	}
	if r.task == nil {
		r.inTask, r.task = trace.NewTask(context.Background(), "service "+service)
	}
	name, ok := r.names[pc]
	if !ok {
		if r.names == nil {
			r.names = map[uintptr]string{}
		}
		name = where.Place{PC: pc}.String()
		r.names[pc] = name
	}
	r.region = trace.StartRegion(r.inTask, name)
}

func (r *regions) end() {
	if r.region != nil {
		r.region.End()
		r.region = nil
	}
}

func (r *regions) endTask() {
	if r.task != nil {
		r.task.End()
		r.task, r.inTask, r.names = nil, nil, nil
	}
}
