package supervisor_test

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// A service logs to its own logger, or to that of the nearest supervisor above it that has one,
// or to the default: as a child, as one that was added, as a member of a pool, and before and
// after its tree runs.
func TestSUPServicesLogWhereTheirTreeDoes(t *testing.T) {
	var own, near, far, def actortest.Records
	before := slog.Default()
	slog.SetDefault(slog.New(&def))
	defer slog.SetDefault(before)
	for name, row := range map[string]struct {
		own, inner, top *slog.Logger
		want            *actortest.Records
	}{
		"its own":        {slog.New(&own), slog.New(&near), slog.New(&far), &own},
		"the nearest":    {nil, slog.New(&near), slog.New(&far), &near},
		"the root's":     {nil, nil, slog.New(&far), &far},
		"the default":    {nil, nil, nil, &def},
		"its own, alone": {slog.New(&own), nil, nil, &own},
	} {
		t.Run(name, func(t *testing.T) {
			make := func(name string) (options []actor.Option) {
				if row.own != nil {
					options = append(options, actor.WithLogger(row.own))
				}
				return append(options, actor.WithName(name), actor.WithCapacity(1))
			}
			svc, added, crew := actor.New(build, make("svc")...), actor.New(build, make("added")...), pool.New(1, build, make("crew")...)
			inner := supervisor.New("inner", supervisor.Spec{Logger: row.inner, Children: []supervisor.Child{{Service: svc}, {Service: crew}}})
			root := supervisor.New("root", supervisor.Spec{Logger: row.top, Children: []supervisor.Child{{Service: inner}}})
			logs := func(message, service string) {
				t.Helper()
				if !slices.ContainsFunc(row.want.With("actor: "+message), func(r slog.Record) bool { return actortest.Attr(r, "service").String() == service }) {
					t.Errorf("no record %q of %s in %v", message, service, row.want.List())
				}
			}
			for range 2 {
				_ = svc.Do(func(*number) {})
			}
			logs("closure refused", "svc")
			start(t, root)
			if err := inner.Add(t.Context(), supervisor.Child{Service: added}); err != nil {
				t.Fatal(err)
			}
			for _, svc := range []*actor.Service[number]{svc, added, crew.Members()[0]} {
				_ = svc.Run(t.Context(), func(*number) error { panic("oh") })
			}
			stop(t, root)
			for _, path := range []string{"root/inner/svc", "root/inner/added", "root/inner/crew/0"} {
				logs("service crashed", path)
			}
			_ = added.Do(func(*number) {})
			logs("closure refused", "root/inner/added")
		})
	}
}
