package remote_test

import (
	"context"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// What a binding serves is in a Snapshot of its tree, and what a service waits for in another
// process in one of the caller's: the page shows both.
func TestSnapshot(t *testing.T) {
	a := &bank.Account{Began: make(chan string, 1), Gate: make(chan struct{})}
	p := newPair(t, setup{account: func() *bank.Account { return a }})
	requests := func() (addr string, underWay int) {
		for _, n := range p.tree.Snapshot().Children {
			if r := n.Requests; r != nil && n.Name == "bank.ada" {
				return r.Addr, r.UnderWay
			}
		}
		return "", -1
	}
	if addr, n := requests(); !strings.HasPrefix(addr, "bank.ada at memory") || n != 0 {
		t.Errorf("it listens on %q, %d under way", addr, n)
	}
	controller := actor.Start(new(struct{}), actor.WithLogger(silent), actor.WithName("controller"))
	answer := actor.AsyncContext(context.Background(), controller, func(ctx context.Context, _ *struct{}) (string, error) {
		return p.client.Wait(ctx, "call")
	})
	receive(t, a.Began)
	if _, n := requests(); n != 1 {
		t.Errorf("%d calls are under way", n)
	}
	if w := controller.Info().WaitsFor; len(w) != 1 || !w[0].Outside || w[0].For != "bank.Account/Wait of bank.ada" {
		t.Errorf("the controller waits for %+v", w)
	}
	close(a.Gate)
	if _, err := answer.Await(within(t, patience)); err != nil {
		t.Error(err)
	}
	eventually(t, "no call is under way", func() bool { _, n := requests(); return n == 0 })
	if w := controller.Info().WaitsFor; w != nil {
		t.Errorf("afterwards the controller waits for %+v", w)
	}
	if err := p.tree.Stop(within(t, patience)); err != nil {
		t.Error(err)
	}
	if addr, n := requests(); addr != "" || n != 0 {
		t.Errorf("after the end it listens on %q, %d under way", addr, n)
	}
	if err := controller.Stop(within(t, patience)); err != nil {
		t.Error(err)
	}
}
