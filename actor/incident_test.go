package actor_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/trace"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// sink keeps the snapshots of a flight recorder.
type sink struct {
	incidents []actor.Incident
	text      bytes.Buffer
	closed    int
	err       error
}

func (s *sink) create(i actor.Incident) (io.WriteCloser, error) {
	s.incidents = append(s.incidents, i)
	return s, s.err
}

func (s *sink) Write(p []byte) (int, error) { return s.text.Write(p) }
func (s *sink) Close() error                { s.closed++; return nil }

// A crash has a snapshot of the flight recorder written, once a minute for all services
// that share the option; and while it records, each service is a task with its closures
// as regions.
func TestFlightRecorderSnapshots(t *testing.T) {
	r := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	if err := r.Start(); err != nil {
		t.Skipf("no flight recorder: %v", err)
	}
	defer r.Stop()
	var s sink
	option := actor.WithFlightRecorder(r, s.create)
	a := actor.Start(&plain{}, option, quiet(), actor.WithName("flown"))
	b := actor.Start(&plain{}, option, quiet())
	for range 3 {
		if err := a.Run(context.Background(), func(*plain) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	do(t, a, panics)
	<-a.Done()
	do(t, b, panics)
	<-b.Done()
	if len(s.incidents) != 1 || s.closed != 1 {
		t.Fatalf("incidents %v, %d sinks closed", s.incidents, s.closed)
	}
	var p *actor.PanicError
	if i := s.incidents[0]; i.Kind != actor.IncidentCrash || i.Service != "flown" || !errors.As(i.Err, &p) {
		t.Errorf("%+v", i)
	}
	for _, want := range []string{"service flown", "TestFlightRecorderSnapshots.func"} {
		if !strings.Contains(s.text.String(), want) {
			t.Errorf("no %q in a snapshot of %d bytes", want, s.text.Len())
		}
	}
}

// A recorder that does not run is left alone, and a sink that fails is logged.
func TestFlightRecorderThatFails(t *testing.T) {
	r := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	var log records
	s := sink{err: errors.New("disk full")}
	option := actor.WithFlightRecorder(r, s.create)
	a := actor.Start(&plain{}, option, log.option())
	do(t, a, panics)
	<-a.Done()
	if len(s.incidents) != 0 {
		t.Error("asked for a sink")
	}
	if err := r.Start(); err != nil {
		t.Skipf("no flight recorder: %v", err)
	}
	defer r.Stop()
	b := actor.Start(&plain{}, option, log.option())
	do(t, b, panics)
	<-b.Done()
	if n := len(log.with("actor: no snapshot of the flight recorder")); len(s.incidents) != 1 || n != 1 {
		t.Errorf("%d incidents, %d records", len(s.incidents), n)
	}
}
