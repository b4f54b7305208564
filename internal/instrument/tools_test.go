package instrument

import (
	"bytes"
	"context"
	"reflect"
	"runtime/pprof"
	"runtime/trace"
	"testing"
)

func TestLabelIsMadeOnceForAName(t *testing.T) {
	var l Label
	if l.Made() {
		t.Error("made before it was needed")
	}
	a := l.Of("shop/a")
	if l.Of("shop/a") != a || !l.Made() {
		t.Error("made again")
	}
	for _, name := range []string{"shop/a", "shop/b", "shop/a"} {
		if v, ok := pprof.Label(l.Of(name), "service"); v != name || !ok {
			t.Errorf("%s: %q, %t", name, v, ok)
		}
	}
	defer pprof.SetGoroutineLabels(context.Background())
	l.PutOn("shop/c")
	var out bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&out, 1); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte(`"service":"shop/c"`)) {
		t.Error("the goroutine does not carry it")
	}
}

// A trace has the task of a service and the regions of its closures; without one there
// are none.
func TestRecorderShowsRegions(t *testing.T) {
	pc := reflect.ValueOf(TestRecorderShowsRegions).Pointer()
	var r Recorder
	run := func() {
		r.Begin()
		r.Region("shop/till", pc)
		r.End(0)
	}
	run()
	if r.regions.task != nil {
		t.Error("a task without a trace")
	}
	var out bytes.Buffer
	if err := trace.Start(&out); err != nil {
		t.Skip(err)
	}
	run()
	run()
	if r.regions.task == nil || r.regions.region != nil {
		t.Error("no task, or a region that has not ended")
	}
	trace.Stop()
	for _, want := range []string{"service shop/till", "instrument.TestRecorderShowsRegions tools_test.go:"} {
		if !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("the trace has no %q", want)
		}
	}
	run()
	if r.regions.task != nil {
		t.Error("the task goes on behind the trace")
	}
}
