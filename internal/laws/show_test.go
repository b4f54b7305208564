package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// password hides itself.
type password string

func (password) LogValue() slog.Value { return slog.StringValue("(hidden)") }

// account decides by itself what may be seen of it.
type account struct {
	owner string
	pin   password
	told  func() // what else LogValue does
}

func (a *account) LogValue() slog.Value {
	if a.told != nil {
		a.told()
	}
	return slog.GroupValue(slog.String("owner", a.owner), slog.Group("secret", slog.Any("pin", a.pin)))
}

// text shows a value as a log would.
func text(v slog.Value) string {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

// What is shown is what LogValue says, without a LogValuer that would be asked later,
// beside the service.
func TestShowAsksLogValue(t *testing.T) {
	svc := actor.Start(&account{owner: "ada", pin: "s3cret"}, actortest.Quiet())
	v, err := svc.Show(context.Background())
	if got := text(v); err != nil || !strings.Contains(got, "v.owner=ada v.secret.pin=(hidden)") {
		t.Errorf("%s, %v", got, err)
	}
	if pin := v.Group()[1].Value.Group()[0].Value; pin.Kind() != slog.KindString {
		t.Errorf("the pin is still a %v", pin.Kind())
	}
	actortest.Stop(t, svc)
}

// matryoshka contains itself.
type matryoshka struct{}

func (m *matryoshka) LogValue() slog.Value { return slog.GroupValue(slog.Any("inner", m)) }

func TestShowEnds(t *testing.T) {
	svc := actor.Start(&matryoshka{}, actortest.Quiet())
	v, err := svc.Show(context.Background())
	if got := text(v); err != nil || !strings.Contains(got, "…") {
		t.Errorf("%s, %v", got, err)
	}
	actortest.Stop(t, svc)
}

func TestShowWithoutLogValue(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	if v, err := svc.Show(context.Background()); err == nil || !strings.Contains(err.Error(), "*Plain has no LogValue") {
		t.Errorf("%v, %v", v, err)
	}
	actortest.Stop(t, svc)
}

// A LogValue that panics is an error, and the service goes on; from one that hangs the
// service can be cut off.
func TestShowOfAFaultyValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{told: func() { panic("shy") }}
		svc := actor.Start(a, actortest.Quiet())
		var p *actor.PanicError
		if _, err := svc.Show(context.Background()); !errors.As(err, &p) || p.Value != "shy" {
			t.Errorf("a panic: %v", err)
		}
		free := make(chan struct{})
		if err := svc.Run(context.Background(), func(a *account) error { a.told = func() { <-free }; return nil }); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := svc.Show(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a hang: %v", err)
		}
		if i := svc.Info(); i.Incarnation != 1 || i.State != actor.Running {
			t.Errorf("the service: %+v", i)
		}
		svc.Kill()
		<-svc.Done()
		close(free)
	})
}

// hydra has many of itself.
type hydra struct{ asked *int }

func (h *hydra) LogValue() slog.Value {
	*h.asked++
	attrs := make([]slog.Attr, 100)
	for i := range attrs {
		attrs[i] = slog.Any("head", h)
	}
	return slog.GroupValue(attrs...)
}

// Show holds the service up for a bounded time: a limit is obeyed by all that would go on.
func TestShowAsksNoMoreThanItsLimit(t *testing.T) {
	asked := 0
	svc := actor.Start(&hydra{&asked}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	v, err := svc.Show(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if asked > 10_001 || asked < 5_000 {
		t.Errorf("%d were asked", asked)
	}
	if n := len(v.Group()); n != 2 || v.Group()[1].Key != "…" {
		t.Errorf("%d heads are shown", n)
	}
}
