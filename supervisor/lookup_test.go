package supervisor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

type cache struct{}
type clerk struct{ found map[string]error }
type cacheService = *actor.Service[cache]

func newCache(context.Context) (*cache, error) { return &cache{}, nil }

// lookups tries names from a context of the tree.
func lookups(ctx context.Context) map[string]error {
	found := map[string]error{}
	for _, name := range []string{"cache", "back/cache", "clerk", "back/pool", "no", "", "cache/x", "shop/back/cache", "shop/no", "shop"} {
		_, found[name] = actor.Lookup[cacheService](ctx, name)
	}
	return found
}

func TestSUPLookup(t *testing.T) {
	near := actor.New(newCache, actor.WithLogger(quiet))
	far := actor.New(newCache, actor.WithLogger(quiet))
	crew := pool.New(1, newCache, actor.WithLogger(quiet))
	inside := make(chan map[string]error, 1)
	desk := actor.New(func(ctx context.Context) (*clerk, error) { return &clerk{lookups(ctx)}, nil }, actor.WithLogger(quiet))
	front := supervisor.New("front", supervisor.Spec{Children: []supervisor.Child{
		{Name: "cache", Service: near},
		{Name: "clerk", Service: desk},
		{Name: "func", Service: supervisor.Func(func(ctx context.Context) error {
			inside <- lookups(ctx)
			<-ctx.Done()
			return nil
		})},
	}})
	back := supervisor.New("back", supervisor.Spec{Children: []supervisor.Child{
		{Name: "cache", Service: far},
		{Name: "pool", Service: crew},
	}})
	shop := supervisor.New("shop", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: front}, {Service: back}}})
	if svc, err := supervisor.Lookup[cacheService](shop, "front/cache"); svc != near || err != nil {
		t.Errorf("before the start: %v", err)
	}
	ctx := context.Background()
	if err := shop.Start(ctx); err != nil {
		t.Fatal(err)
	}
	// From outside, and through a restart.
	for range 2 {
		if svc, err := supervisor.Lookup[cacheService](shop, "back/cache"); svc != far || err != nil {
			t.Errorf("back/cache: %v", err)
		}
		if p, err := supervisor.Lookup[*pool.Pool[cache]](shop, "back/pool"); p != crew || err != nil {
			t.Errorf("back/pool: %v", err)
		}
		_ = far.Run(ctx, func(*cache) error { panic("no") })
	}
	// From within: the nearest counts.
	atDesk, err := actor.Get(ctx, desk, func(c *clerk) map[string]error { return c.found })
	if err != nil {
		t.Fatal(err)
	}
	var closure map[string]error
	if err := desk.RunContext(ctx, func(ctx context.Context, _ *clerk) error {
		closure = lookups(ctx)
		if svc, err := actor.Lookup[cacheService](ctx, "cache"); svc != near {
			t.Errorf("the nearest is not that: %v", err)
		}
		if svc, err := actor.Lookup[*actor.Service[clerk]](ctx, "clerk"); svc != desk {
			t.Errorf("itself: %v", err)
		}
		if p, err := actor.Lookup[*pool.Pool[cache]](ctx, "back/pool"); p != crew {
			t.Errorf("the pool: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	for where, found := range map[string]map[string]error{"constructor": atDesk, "closure": closure, "function": <-inside} {
		for name, want := range map[string]string{
			"cache": "", "back/cache": "", "shop/back/cache": "",
			"clerk":     `"clerk" is a *actor.Service[`,
			"back/pool": `"back/pool" is a *pool.Pool[`,
			"shop":      `"shop" is a *supervisor.Supervisor, not a *actor.Service[`,
			"no":        `"no"`, "": `""`, "cache/x": `"cache/x"`, "shop/no": `"shop/no"`,
		} {
			err := found[name]
			if want == "" && err != nil || want != "" && (!errors.Is(err, actor.ErrNoService) || !strings.Contains(err.Error(), want)) {
				t.Errorf("from a %s, %q: %v", where, name, err)
			}
		}
	}
	// Gone when they stop.
	if err := back.Terminate(ctx, "cache"); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cacheService](shop, "back/cache"); !errors.Is(err, actor.ErrNoService) || !strings.Contains(err.Error(), "down") {
		t.Errorf("terminated: %v", err)
	}
	if err := back.Restart(ctx, "cache"); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cacheService](shop, "back/cache"); err != nil {
		t.Errorf("opened again: %v", err)
	}
	if err := near.Stop(ctx); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cacheService](shop, "front/cache"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("stopped: %v", err)
	}
	added := actor.New(newCache, actor.WithLogger(quiet))
	if err := back.Add(ctx, supervisor.Child{Name: "more", Service: added}); err != nil {
		t.Fatal(err)
	}
	if svc, err := supervisor.Lookup[cacheService](shop, "back/more"); svc != added || err != nil {
		t.Errorf("added: %v", err)
	}
	if err := back.Terminate(ctx, "more"); err != nil {
		t.Error(err)
	}
	if err := back.Remove(ctx, "more"); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cacheService](shop, "back/more"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("removed: %v", err)
	}
	if err := shop.Stop(ctx); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cacheService](shop, "back/cache"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("after the tree's end: %v", err)
	}
}

func TestSUPLookupOutsideOfATree(t *testing.T) {
	if _, err := actor.Lookup[cacheService](context.Background(), "cache"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("with any context: %v", err)
	}
	svc := actor.Start(&cache{})
	if err := svc.RunContext(context.Background(), func(ctx context.Context, _ *cache) error {
		_, err := actor.Lookup[cacheService](ctx, "cache")
		return err
	}); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("from a service without a tree: %v", err)
	}
	if err := svc.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// Interceptors of a tree, the outer supervisor's first.
func TestSUPInterceptorsOfATree(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	note := func(name string) actor.Interceptor {
		return func(c actor.Closure, run func() error) error {
			mu.Lock()
			seen = append(seen, name+" "+c.Service())
			mu.Unlock()
			return run()
		}
	}
	svc := actor.New(newCache, actor.WithLogger(quiet), actor.WithInterceptor(note("own")))
	crew := pool.New(1, newCache, actor.WithLogger(quiet))
	back := supervisor.New("back", supervisor.Spec{
		Interceptors: []actor.Interceptor{note("back")},
		FilteredInterceptors: []actor.FilteredInterceptor{
			{Want: func(ctx context.Context) bool { return ctx.Value(wanted{}) != nil }, Run: note("filtered")},
		},
		Children: []supervisor.Child{{Name: "cache", Service: svc}, {Name: "pool", Service: crew}},
	})
	shop := supervisor.New("shop", supervisor.Spec{
		Logger:       quiet,
		Interceptors: []actor.Interceptor{note("shop")},
		Children:     []supervisor.Child{{Service: back}},
	})
	ctx := context.Background()
	if err := shop.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 { // through a restart
		seen = nil
		if err := svc.Run(ctx, func(*cache) error { return nil }); err != nil {
			t.Error(err)
		}
		if err := crew.Run(ctx, func(*cache) error { return nil }); err != nil {
			t.Error(err)
		}
		want := []string{"shop shop/back/cache", "back shop/back/cache", "own shop/back/cache",
			"shop shop/back/pool/0", "back shop/back/pool/0"}
		if !slices.Equal(seen, want) {
			t.Errorf("%q: want %q", seen, want)
		}
		seen = nil
		if err := svc.Run(context.WithValue(ctx, wanted{}, 1), func(*cache) error { return nil }); err != nil {
			t.Error(err)
		}
		want = []string{"shop shop/back/cache", "back shop/back/cache", "filtered shop/back/cache", "own shop/back/cache"}
		if !slices.Equal(seen, want) {
			t.Errorf("with a sender that is wanted: %q: want %q", seen, want)
		}
		_ = svc.Run(ctx, func(*cache) error { panic("no") })
	}
	if err := shop.Stop(ctx); err != nil {
		t.Error(err)
	}
	bad := supervisor.New("bad", supervisor.Spec{
		Interceptors:         []actor.Interceptor{nil},
		FilteredInterceptors: []actor.FilteredInterceptor{{Run: note("bad")}},
	})
	err := bad.Start(ctx)
	for _, fault := range []string{"Interceptors[0] is nil", "FilteredInterceptors[0] has a nil Want or Run"} {
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q is missing: %v", fault, err)
		}
	}
}

// wanted is the key of what a filter looks for.
type wanted struct{}

// named is an interface that a proxy may have.
type named interface{ Name() string }

// A child that embeds a service, as what nanogen makes, is found as what it is, as the
// service, and as each interface that it has; a service is not found as a proxy.
func TestSUPLookupOfAProxy(t *testing.T) {
	type T = struct{}
	p := proxy{actor.New(func(context.Context) (*T, error) { return &T{}, nil })}
	plain := actor.New(func(context.Context) (*T, error) { return &T{}, nil })
	root := supervisor.New("root", supervisor.Spec{Children: []supervisor.Child{
		{Name: "p", Service: p}, {Name: "plain", Service: plain},
	}})
	if got, err := supervisor.Lookup[proxy](root, "p"); got != p || err != nil {
		t.Errorf("as a proxy: %v", err)
	}
	if svc, err := supervisor.Lookup[*actor.Service[T]](root, "p"); svc != p.embedded || err != nil {
		t.Errorf("as a service: %v", err)
	}
	if got, err := supervisor.Lookup[named](root, "root/p"); got != named(p) || err != nil {
		t.Errorf("as an interface: %v", err)
	}
	if _, err := supervisor.Lookup[proxy](root, "plain"); err == nil || !strings.Contains(err.Error(), "not a supervisor_test.proxy") {
		t.Errorf("a service as a proxy: %v", err)
	}
	if got, err := supervisor.Lookup[*supervisor.Supervisor](root, "root"); got != root || err != nil {
		t.Errorf("the root: %v", err)
	}
	p.Kill()
	if _, err := supervisor.Lookup[proxy](root, "p"); !errors.Is(err, actor.ErrNoService) || !strings.Contains(err.Error(), "is ended") {
		t.Errorf("a proxy of what has ended: %v", err)
	}
	plain.Kill()
}
