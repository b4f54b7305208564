package checks

import (
	"bytes"
	"context"
	"log/slog"
	"runtime/pprof"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// cruncher is a T that computes.
type cruncher struct{ sum uint64 }

// crunch computes for a time in hundreds of milliseconds, whatever share of a processor
// it gets.
func (c *cruncher) crunch(units int) {
	for i := range uint64(units) * 100_000_000 {
		c.sum = c.sum*31 + i
	}
}

// profiled takes a CPU profile of what f does and returns the seconds of each value of
// a label.
func profiled(t *testing.T, label string, f func()) map[string]float64 {
	var text bytes.Buffer
	if err := pprof.StartCPUProfile(&text); err != nil {
		t.Skipf("no profile: %v", err)
	}
	f()
	pprof.StopCPUProfile()
	p, err := profile.ParseData(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	seconds := map[string]float64{}
	for _, s := range p.Sample {
		name := "(none)"
		if v := s.Label[label]; len(v) > 0 {
			name = v[0]
		}
		seconds[name] += float64(s.Value[1]) / 1e9
	}
	return seconds
}

// A CPU profile splits by service: the time of each stands under its path, in every
// incarnation, and that of the caller of Serve under none.
func TestProfileSplitsByService(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	made := func(context.Context) (*cruncher, error) { return new(cruncher), nil }
	busy, lazy := actor.New(made, actor.WithLogger(quiet)), actor.New(made, actor.WithLogger(quiet))
	tree := supervisor.New("mill", supervisor.Spec{
		Logger: quiet,
		Children: []supervisor.Child{
			{Name: "busy", Service: busy}, {Name: "lazy", Service: lazy},
		},
	})
	ctx := context.Background()
	if err := tree.Start(ctx); err != nil {
		t.Fatal(err)
	}
	run := func(svc *actor.Service[cruncher], units int) {
		if err := svc.Run(ctx, func(c *cruncher) error { c.crunch(units); return nil }); err != nil {
			t.Error(err)
		}
	}
	seconds := profiled(t, "service", func() {
		run(busy, 3)
		run(lazy, 1)
		if err := busy.Run(ctx, func(*cruncher) error { panic("restart") }); actor.OutcomeOf(err) != actor.Crashed {
			t.Error(err)
		}
		run(busy, 3)
		new(cruncher).crunch(1)
	})
	t.Logf("seconds: %v", seconds)
	b, l := seconds["mill/busy"], seconds["mill/lazy"]
	if b < 2*l || l == 0 || seconds["(none)"] == 0 {
		t.Errorf("the seconds are %v: busy has worked six times as long as lazy, and somebody else too", seconds)
	}
	if err := tree.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// pprof.Do in a closure adds to the service's label, and leaves it behind.
func TestProfileLabelsAddUp(t *testing.T) {
	svc := actor.Start(new(cruncher), actor.WithName("adder"))
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("service", "caller", "request", "7"))
	byPart := profiled(t, "part", func() {
		err := svc.RunContext(ctx, func(ctx context.Context, c *cruncher) error {
			pprof.Do(ctx, pprof.Labels("part", "inner"), func(context.Context) { c.crunch(1) })
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	byService := profiled(t, "service", func() {
		err := svc.RunContext(ctx, func(ctx context.Context, c *cruncher) error {
			pprof.Do(ctx, pprof.Labels("part", "inner"), func(context.Context) { c.crunch(1) })
			c.crunch(1)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Logf("seconds by part: %v, by service: %v", byPart, byService)
	if byPart["inner"] == 0 {
		t.Errorf("by part: %v", byPart)
	}
	if byService["adder"] < 3*byService["caller"] || byService["adder"] < 3*byService["(none)"] {
		t.Errorf("by service: %v", byService)
	}
	if err := svc.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}
