package supervisor_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// idler is a child that does nothing until it is told to end.
type idler struct{ _ int }

func (*idler) Serve(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// served fails the test if it is ever served.
func served(t *testing.T) supervisor.Func {
	return func(context.Context) error {
		t.Error("a child of a bad spec was started")
		return nil
	}
}

// Each row is one bad field; the error names it.
func TestSUPSpecFaults(t *testing.T) {
	type spec = supervisor.Spec
	type child = supervisor.Child
	one := func(c child) spec { return spec{Children: []child{c}} }
	var noFunc supervisor.Func
	var noIdler *idler
	for _, row := range []struct {
		want string
		s    spec
	}{
		{"bad: Strategy is 3", spec{Strategy: 3}},
		{"bad: MaxRestarts is -3", spec{MaxRestarts: -3}},
		{"bad: Period is -1ns", spec{Period: -1}},
		{"bad: Shutdown is -1ns", spec{Shutdown: -1}},
		{"bad: AutoShutdown is 3", spec{AutoShutdown: 3}},
		{"Children[0]: Service is nil", one(child{})},
		{`Children[0] "a": Service is nil`, one(child{Name: "a"})},
		{`Children[0] "a": Service is nil`, one(child{Name: "a", Service: noFunc})},
		{`Children[0] "a": Service is nil`, one(child{Name: "a", Service: noIdler})},
		{`Children[0]: Name is ""`, one(child{Service: served(t)})},
		{`Children[0]: Name is "a/b"`, one(child{Name: "a/b", Service: served(t)})},
		{`Children[0] "a": Restart is 3`, one(child{Name: "a", Service: served(t), Restart: 3})},
		{`Children[0] "a": Shutdown is -3ns`, one(child{Name: "a", Service: served(t), Shutdown: -3})},
		{`Children[0] "a": StartTimeout is -1ns`,
			one(child{Name: "a", Service: served(t), StartTimeout: -1})},
		{`Children[0] "a": Significant with Restart Permanent`,
			one(child{Name: "a", Service: served(t), Significant: true})},
		{`Children[0] "a": Significant with AutoShutdown Never`,
			one(child{Name: "a", Service: served(t), Significant: true})},
		{`Children[0] "a": Backoff from Min -1ns`,
			one(child{Name: "a", Service: served(t), Backoff: backoff(-1, 0, 0)})},
		{"Min 2ns to Max 1ns", one(child{Name: "a", Service: served(t), Backoff: backoff(2, 1, 0)})},
		{`Children[0] "a": Backoff.Jitter is 1.5`,
			one(child{Name: "a", Service: served(t), Backoff: backoff(0, 0, 1.5)})},
		{`Children[0] "a": Backoff.Jitter is NaN`,
			one(child{Name: "a", Service: served(t), Backoff: backoff(0, 0, math.NaN())})},
		{`Children[0] "a": Backoff.Healthy is -1ns`,
			one(child{Name: "a", Service: served(t), Backoff: &supervisor.Backoff{Healthy: -1}})},
		{"Template has a Service", spec{Template: &child{Service: served(t)}}},
		{"Template has a Service or a Name", spec{Template: &child{Name: "x"}}},
		{"Children and Template are both set",
			spec{Template: &child{}, Children: []child{{Name: "a", Service: served(t)}}}},
		{"Together and Template are both set", spec{Template: &child{}, Together: true}},
		{"Together is set, and Strategy is one for all", spec{Together: true, Strategy: supervisor.OneForAll}},
		{"Together is set, and Strategy is rest for one", spec{Together: true, Strategy: supervisor.RestForOne}},
		{"Strategy is not OneForOne", spec{Template: &child{}, Strategy: supervisor.OneForAll}},
		{"Template: Restart is 9", spec{Template: &child{Restart: 9}}},
	} {
		err := supervisor.New("bad", row.s).Serve(t.Context())
		var bad *supervisor.SpecError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", row.want, err)
		} else if !strings.Contains(err.Error(), row.want) {
			t.Errorf("not in the error: %s\n%v", row.want, err)
		}
	}
}

func backoff(lo, hi time.Duration, jitter float64) *supervisor.Backoff {
	return &supervisor.Backoff{Min: lo, Max: hi, Jitter: jitter}
}

// All faults of a tree come in one error, those of nested supervisors with their
// path, and nothing is started.
func TestSUPSpecFaultsAllAtOnce(t *testing.T) {
	twice := new(idler)
	deepest := supervisor.New("deepest", supervisor.Spec{
		Period:   -time.Second,
		Children: []supervisor.Child{{Name: "", Service: served(t)}, {Name: "again", Service: twice}},
	})
	inner := supervisor.New("inner", supervisor.Spec{
		Strategy: 9,
		Children: []supervisor.Child{{Service: deepest}, {Name: "x", Service: served(t), Shutdown: -7}},
	})
	root := supervisor.New("", supervisor.Spec{
		MaxRestarts: -9,
		Children: []supervisor.Child{
			{Name: "first", Service: twice},
			{Name: "same", Service: served(t)}, {Name: "same", Service: served(t)},
			{Name: "none"},
			{Service: inner},
		},
	})
	err := root.Start(t.Context())
	var bad *supervisor.SpecError
	if !errors.As(err, &bad) {
		t.Fatalf("Start = %v", err)
	}
	for _, want := range []string{
		`the supervisor's name is ""`,
		"MaxRestarts is -9",
		`Children[2]: Name is "same", as is a sibling's`,
		`Children[3] "none": Service is nil`,
		"/inner: Strategy is 9",
		"/inner/deepest: Period is -1s",
		`/inner/deepest: Children[0]: Name is ""`,
		"/inner/deepest/again: the service stands in the tree already, as /first",
		`/inner: Children[1] "x": Shutdown is -7ns`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not in the error: %s", want)
		}
	}
	if len(bad.Faults) != 9 {
		t.Errorf("%d faults, want 9:\n%v", len(bad.Faults), err)
	}
}

func TestSUPSupervisorTwiceInATree(t *testing.T) {
	sub := supervisor.New("sub", supervisor.Spec{})
	root := supervisor.New("root", supervisor.Spec{Children: []supervisor.Child{
		{Name: "a", Service: sub}, {Name: "b", Service: sub},
	}})
	err := root.Serve(t.Context())
	if err == nil || !strings.Contains(err.Error(), "root/b: the service stands in the tree already, as root/a") {
		t.Errorf("Serve = %v", err)
	}
}

// proxy is a service by embedding one, as what nanogen makes.
type proxy struct{ *embedded }

type embedded = actor.Service[struct{}]

func TestSUPProxyIsTheServiceThatItEmbeds(t *testing.T) {
	p := proxy{actor.New(func(context.Context) (*struct{}, error) { return &struct{}{}, nil }, actor.WithName("p"))}
	twice := supervisor.New("root", supervisor.Spec{Children: []supervisor.Child{
		{Service: p}, {Name: "again", Service: p}, {Name: "zero", Service: proxy{}},
	}})
	err := twice.Start(t.Context())
	for _, want := range []string{
		"root/again: the service stands in the tree already, as root/p", `Children[2] "zero": Service is nil`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Start = %v, want %s", err, want)
		}
	}
	root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: p}}})
	if err := root.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := root.Add(t.Context(), supervisor.Child{Name: "again", Service: p}); err == nil {
		t.Error("a proxy was added twice")
	}
	if err := root.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// Two values that happen to be equal are not one service: of values without
// identity nobody can tell, and they may well be meant to be two.
func TestSUPEqualValuesAreNotOneService(t *testing.T) {
	root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{
		{Name: "a", Service: hollow{}}, {Name: "b", Service: hollow{}},
		{Name: "c", Service: &hollow{}}, {Name: "d", Service: &hollow{}},
		{Name: "e", Service: variant{func() {}}}, {Name: "f", Service: variant{1}}, {Name: "g", Service: variant{1}},
	}})
	if err := root.Start(t.Context()); err != nil {
		t.Fatalf("Start = %v", err)
	}
	stop(t, root)
}

type hollow struct{}

func (hollow) Serve(ctx context.Context) error { <-ctx.Done(); return nil }

// variant is comparable by its type, and may not be by its value.
type variant struct{ any }

func (variant) Serve(ctx context.Context) error { <-ctx.Done(); return nil }

// The name may be left to the service's own; of a service that was in another
// tree before, it is the last part of its path.
func TestSUPNameFromTheService(t *testing.T) {
	svc := actor.New(build, actor.WithName("db"))
	inner := supervisor.New("inner", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: svc}}})
	root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: inner}}})
	start(t, root)
	if got := root.Children()[0].Path; got != "root/inner" {
		t.Errorf("path of the supervisor: %s", got)
	}
	if got := inner.Children()[0]; got.Path != "root/inner/db" || got.Name != "db" {
		t.Errorf("of the service: %+v", got)
	}
	if inner.Name() != "root/inner" || svc.Name() != "root/inner/db" {
		t.Errorf("Name() = %s, %s", inner.Name(), svc.Name())
	}
	stop(t, root)

	other := supervisor.New("other", supervisor.Spec{
		Logger: quiet, Children: []supervisor.Child{{Service: inner}},
	})
	start(t, other)
	if svc.Name() != "other/inner/db" {
		t.Errorf("Name() in another tree = %s", svc.Name())
	}
	stop(t, other)
}

// The zero value of Spec is a tree without children that runs until it is told.
func TestSUPZeroSpec(t *testing.T) {
	s := supervisor.New("empty", supervisor.Spec{})
	start(t, s)
	if got := s.Children(); len(got) != 0 {
		t.Errorf("Children() = %v", got)
	}
	stop(t, s)
}
