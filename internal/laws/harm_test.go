package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// heard collects what came to those who are not to be harmed.
type heard struct {
	mu  sync.Mutex
	all []string
}

func (h *heard) add(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, what)
}

// String lists it in an order of its own.
func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	slices.Sort(h.all)
	return strings.Join(h.all, ", ")
}

// calling is a slog.Handler that calls a function.
type calling struct {
	slog.Handler
	act func()
}

func (h calling) Handle(context.Context, slog.Record) error { h.act(); return nil }
func (h calling) Enabled(context.Context, slog.Level) bool  { return true }
func (h calling) WithAttrs([]slog.Attr) slog.Handler        { return h }

// stopped is a service or a tree, which atEnd has stopped at the end.
type stopped interface{ Stop(context.Context) error }
type atEnd = func(stopped)

// oneOfMany is where the library calls functions of the user's one after the other: the first
// misbehaves. What use returns does what calls them, and is called on a goroutine of its own.
type oneOfMany struct {
	name string
	want string // that the others hear
	use  func(t *testing.T, act func(), h *heard, ends atEnd) (use func())
}

func manyOfAllThatIsExported() []oneOfMany {
	full := func(t *testing.T, ends atEnd, opts ...actor.Option) *actor.Service[actortest.Plain] {
		svc := actor.Start(&actortest.Plain{}, append([]actor.Option{actortest.Quiet(), actor.WithCapacity(1)}, opts...)...)
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*actortest.Plain) {})
		t.Cleanup(b.LetGo)
		ends(svc)
		return svc
	}
	plain := func(ends atEnd) *actor.Service[actortest.Plain] {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		ends(svc)
		return svc
	}
	// events publishes one for first, and then for another service and a channel.
	events := func(t *testing.T, h *heard, ends atEnd, first actor.Ref[actortest.Plain], with bool) func() {
		news := new(topic.Topic[int])
		for _, svc := range []actor.Ref[actortest.Plain]{first, plain(ends)} {
			if _, err := topic.Subscribe(news, svc, func(*actortest.Plain, int) { h.add("event") }); err != nil {
				t.Fatal(err)
			}
		}
		ch, _ := topic.Chan(news, 1)
		return func() {
			defer func() {
				if i := news.Info(); i.Delivered != 2 || i.Refused != 1 {
					t.Errorf("%+v", i)
				}
				<-ch
				h.add("channel")
			}()
			if with {
				news.PublishContext(t.Context(), 1)
			} else {
				news.Publish(1)
			}
		}
	}
	routed := func(with bool, pick func(act func()) bool) func(*testing.T, func(), *heard, atEnd) func() {
		return func(t *testing.T, act func(), h *heard, ends atEnd) func() {
			joined := false
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithDeadLetters(func(l actor.DeadLetter) {
				var p *actor.PanicError
				if !l.Refused || !errors.As(l.Reason, &p) || !strings.Contains(p.Func, "manyOfAllThatIsExported") || actor.OutcomeOf(l.Reason) != actor.NotRun {
					t.Errorf("%+v", l)
				}
				h.add("told")
			}))
			ends(svc)
			use := events(t, h, ends, actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] {
				if joined && pick(act) {
					return nil
				}
				return svc
			}), with)
			joined = true
			return use
		}
	}
	acts := func(act func()) bool { act(); return true }
	return []oneOfMany{
		{"a Router's function, at Publish", "channel, event, told", routed(false, acts)},
		{"a Router's function, at PublishContext", "channel, event, told", routed(true, acts)},
		{"the dead-letter hook of a service that is full, at Publish", "channel, event",
			func(t *testing.T, act func(), h *heard, ends atEnd) func() {
				return events(t, h, ends, full(t, ends, actor.WithDeadLetters(func(actor.DeadLetter) { act() })), false)
			}},
		{"the logger of a service that is full, at Publish", "channel, event",
			func(t *testing.T, act func(), h *heard, ends atEnd) func() {
				return events(t, h, ends, full(t, ends, actor.WithLogger(slog.New(calling{slog.DiscardHandler, act}))), false)
			}},
		{"the dead-letter hook of a member that is full, at Broadcast", "closure, closure",
			func(t *testing.T, act func(), h *heard, ends atEnd) func() {
				p := pool.NewWith(3, func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil },
					supervisor.Spec{}, actortest.Quiet(), actor.WithCapacity(1), actor.WithDeadLetters(func(actor.DeadLetter) { act() }))
				if err := p.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				ends(p)
				b := actortest.Occupy(t, p.Members()[0])
				t.Cleanup(b.LetGo)
				actortest.Do(t, p.Members()[0], func(*actortest.Plain) {})
				return func() { p.Broadcast(func(*actortest.Plain) { h.add("closure") }) }
			}},
		{"the function of another Watch", "notice",
			func(t *testing.T, act func(), h *heard, ends atEnd) func() {
				of, first, second := plain(ends), plain(ends), plain(ends)
				actor.Watch(of, first, func(*actortest.Plain, actor.DownNotice) { act() })
				actor.Watch(of, second, func(*actortest.Plain, actor.DownNotice) { h.add("notice") })
				return func() { of.Kill() }
			}},
		{"the dead-letter hook, of what is queued at Kill", "letter, letter",
			func(t *testing.T, act func(), h *heard, ends atEnd) func() {
				first := true
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithDeadLetters(func(actor.DeadLetter) {
					if first {
						first = false
						act()
					}
					h.add("letter")
				}))
				ends(svc)
				b := actortest.Occupy(t, svc)
				for range 3 {
					actortest.Do(t, svc, func(*actortest.Plain) {})
				}
				return func() { svc.Kill(); b.LetGo() }
			}},
		{"the logger of a tree, and its hook", "started",
			func(t *testing.T, act func(), h *heard, ends atEnd) func() {
				root := supervisor.New("root", supervisor.Spec{
					Logger:   slog.New(calling{slog.DiscardHandler, act}),
					OnEvent:  func(e supervisor.Event) { h.add(e.Kind.String()) },
					Children: []supervisor.Child{{Name: "a", Service: supervisor.Func(func(ctx context.Context) error { <-ctx.Done(); return nil })}},
				})
				ends(root)
				return func() { _ = root.Start(context.Background()) }
			}},
	}
}

// Of functions of the user's that are called one after the other, one that panics or ends the
// goroutine harms none of the others, and nothing is lost; one that blocks holds the others up
// until it returns.
func TestL17OneOfMany(t *testing.T) {
	for _, row := range manyOfAllThatIsExported() {
		actortest.EachManner(t, row.name, func(t *testing.T, m hostile.Manner, release func()) {
			h := new(heard)
			var all []stopped
			use := row.use(t, m.Act, h, func(s stopped) { all = append(all, s) })
			go func() {
				defer func() { _ = recover() }()
				use()
			}()
			synctest.Wait()
			release()
			synctest.Wait()
			if got := h.String(); got != row.want && !(m.Name == "blocks" && strings.Contains(got, row.want)) {
				t.Errorf("%s, which %s: the others hear %q, and not %q", row.name, m.Name, got, row.want)
			}
			for _, s := range all {
				ctx, cancel := context.WithTimeout(context.Background(), 1)
				defer cancel()
				_ = s.Stop(ctx)
			}
		})
	}
}

// troupe is a child that stands for others.
type troupe struct{ actor.Router[actortest.Plain] }

// Serve implements supervisor.Service.
func (troupe) Serve(ctx context.Context) error { <-ctx.Done(); return nil }

// Who looks a Router up has not brought its function.
func TestL17LookupOfARouter(t *testing.T) {
	actortest.EachManner(t, "pick", func(t *testing.T, m hostile.Manner, release func()) {
		routes := troupe{actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] { m.Act(); return nil })}
		root := supervisor.New("root", supervisor.Spec{Logger: slog.New(slog.DiscardHandler), Children: []supervisor.Child{{Name: "crew", Service: routes},
			{Name: "who looks", AwaitReady: true, Service: supervisor.Func(func(ctx context.Context) error {
				if _, err := actor.Lookup[troupe](ctx, "crew"); !errors.Is(err, actor.ErrNoService) || !strings.Contains(err.Error(), "the function of its Router") {
					t.Errorf("Lookup = %v", err)
				}
				supervisor.Ready(ctx)
				<-ctx.Done()
				return nil
			})}}})
		if err := root.Start(t.Context()); err != nil {
			t.Error(err)
		}
		release()
		if err := root.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
