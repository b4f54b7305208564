package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// With a second field beside what it embeds, each is a service by what it embeds.
type (
	withService struct {
		*actor.Service[number]
		_ string
	}
	withSupervisor struct {
		*supervisor.Supervisor
		_ string
	}
	withPool struct {
		*pool.Pool[number]
		_ string
	}
	withAny struct {
		supervisor.Service
		_ string
	}
	ofValue struct {
		supervisor.Supervisor
		_ string
	}
	deep struct {
		_ string
		*withService
	}
	// Itself is a service by the one that is not nil.
	itself struct {
		*itself
		idle
		_ string
	}
	// own has a Serve of its own, and what it embeds is nil.
	own struct {
		*actor.Service[number]
		_ string
	}
)

func (*own) Serve(ctx context.Context) error { return new(idler).Serve(ctx) }

type idle = *idler

// What is nil, or was never made, is an error that names the child, and the tree goes on;
// nothing is started for it, and nothing ends but that.
func TestL17HollowChildren(t *testing.T) {
	const zeroSupervisor = "zero Supervisor: a Supervisor is made by New"
	for _, row := range []struct {
		svc  supervisor.Service
		want string
	}{
		{nil, "Service is nil"},
		{(*idler)(nil), "Service is nil"},
		{supervisor.Func(nil), "Service is nil"},
		{(*actor.Service[number])(nil), "Service is nil"},
		{(*supervisor.Supervisor)(nil), "Service is nil"},
		{(*pool.Pool[number])(nil), "Service is nil"},
		{(*httpserver.Server)(nil), "Service is nil"},
		{proxy{}, "embeds a nil *actor.Service["},
		{withService{}, "embeds a nil *actor.Service["},
		{&withService{}, "embeds a nil *actor.Service["},
		{(*withService)(nil), "Service is nil"},
		{withSupervisor{}, "embeds a nil *supervisor.Supervisor"},
		{&withSupervisor{}, "embeds a nil *supervisor.Supervisor"},
		{withPool{}, "embeds a nil *pool.Pool["},
		{&withPool{}, "embeds a nil *pool.Pool["},
		{withAny{}, "embeds a nil supervisor.Service"},
		{withAny{Service: withService{}}, "embeds a nil *actor.Service["},
		{deep{}, "embeds a nil *supervisor_test.withService"},
		{&deep{withService: &withService{}}, "embeds a nil *actor.Service["},
		{struct {
			*actor.Service[number]
			_ int
		}{}, "embeds a nil *actor.Service["},
		{itself{}, "embeds a nil *supervisor_test.idler"},
		{&supervisor.Supervisor{}, zeroSupervisor},
		{withSupervisor{Supervisor: &supervisor.Supervisor{}}, zeroSupervisor},
		{&ofValue{}, zeroSupervisor},
		{&pool.Pool[number]{}, "embeds a nil *supervisor.Supervisor"},
		{withPool{Pool: &pool.Pool[number]{}}, "embeds a nil *supervisor.Supervisor"},
		{&actor.Service[number]{}, "a Service is made by Start or New"},
		{&withService{Service: &actor.Service[number]{}}, "a Service is made by Start or New"},
		{&httpserver.Server{}, "a Server is made by New"},
	} {
		t.Run(fmt.Sprintf("%T", row.svc), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := func(what string, err error) {
					t.Helper()
					_, bad := errors.AsType[*supervisor.SpecError](err)
					_, failed := errors.AsType[*supervisor.StartError](err)
					if !bad && !failed || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "hollow") {
						t.Errorf("%s = %v", what, err)
					}
				}
				hollow := supervisor.Child{Name: "hollow", Service: row.svc}
				root := supervisor.New("root", children(hollow))
				check("Start", root.Start(t.Context()))
				root.Stop(t.Context())
				inner := supervisor.New("inner", children(hollow))
				check("Start above", supervisor.New("root", children(supervisor.Child{Service: inner})).Start(t.Context()))

				svc := service("neighbour")
				root = supervisor.New("root", children(supervisor.Child{Service: svc}))
				start(t, root)
				check("Add", root.Add(t.Context(), hollow))
				hollow.Service = supervisor.New("inner", children(hollow))
				check("Add above", root.Add(t.Context(), hollow))
				synctest.Wait()
				expectStates(t, root, "neighbour:up")
				if err := svc.Run(t.Context(), func(*number) error { return nil }); err != nil {
					t.Error(err)
				}
				root.Snapshot()
				stop(t, root)
			})
		})
	}
}

// What embeds something nil, and has a Serve of its own, or another one nearer, is not hollow.
func TestSUPNotHollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", children(
			supervisor.Child{Name: "own", Service: &own{}},
			supervisor.Child{Name: "itself", Service: itself{itself: nil, idle: new(idler)}},
		))
		start(t, root)
		synctest.Wait()
		expectStates(t, root, "own:up itself:up")
		stop(t, root)
	})
}
