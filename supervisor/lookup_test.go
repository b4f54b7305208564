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
)

type cache struct{}
type clerk struct{ found map[string]error }

func newCache(context.Context) (*cache, error) { return &cache{}, nil }

// lookups tries names from a context of the tree.
func lookups(ctx context.Context) map[string]error {
	found := map[string]error{}
	for _, name := range []string{"cache", "back/cache", "clerk", "back/pool", "no", "", "cache/x"} {
		_, found[name] = actor.Lookup[cache](ctx, name)
	}
	return found
}

func TestSUPLookup(t *testing.T) {
	near := actor.New(newCache, actor.WithLogger(quiet))
	far := actor.New(newCache, actor.WithLogger(quiet))
	pool := actor.NewPool(1, newCache, actor.WithLogger(quiet))
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
		{Name: "pool", Service: pool},
	}})
	shop := supervisor.New("shop", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{Service: front}, {Service: back}}})
	if svc, err := supervisor.Lookup[cache](shop, "front/cache"); svc != near || err != nil {
		t.Errorf("before the start: %v", err)
	}
	ctx := context.Background()
	if err := shop.Start(ctx); err != nil {
		t.Fatal(err)
	}
	// From outside, and through a restart.
	for range 2 {
		if svc, err := supervisor.Lookup[cache](shop, "back/cache"); svc != far || err != nil {
			t.Errorf("back/cache: %v", err)
		}
		if p, err := supervisor.LookupPool[cache](shop, "back/pool"); p != pool || err != nil {
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
		if svc, err := actor.Lookup[cache](ctx, "cache"); svc != near {
			t.Errorf("the nearest is not that: %v", err)
		}
		if svc, err := actor.Lookup[clerk](ctx, "clerk"); svc != desk {
			t.Errorf("itself: %v", err)
		}
		if p, err := actor.LookupPool[cache](ctx, "back/pool"); p != pool {
			t.Errorf("the pool: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	for where, found := range map[string]map[string]error{"constructor": atDesk, "closure": closure, "function": <-inside} {
		for name, want := range map[string]string{
			"cache": "", "back/cache": "",
			"clerk":     `"clerk" is of type clerk, not cache`,
			"back/pool": `"back/pool" is of type pool of cache, not cache`,
			"no":        `"no"`, "": `""`, "cache/x": `"cache/x"`,
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
	if _, err := supervisor.Lookup[cache](shop, "back/cache"); !errors.Is(err, actor.ErrNoService) || !strings.Contains(err.Error(), "down") {
		t.Errorf("terminated: %v", err)
	}
	if err := back.Restart(ctx, "cache"); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cache](shop, "back/cache"); err != nil {
		t.Errorf("opened again: %v", err)
	}
	if err := near.Stop(ctx); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cache](shop, "front/cache"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("stopped: %v", err)
	}
	added := actor.New(newCache, actor.WithLogger(quiet))
	if err := back.Add(ctx, supervisor.Child{Name: "more", Service: added}); err != nil {
		t.Fatal(err)
	}
	if svc, err := supervisor.Lookup[cache](shop, "back/more"); svc != added || err != nil {
		t.Errorf("added: %v", err)
	}
	if err := back.Terminate(ctx, "more"); err != nil {
		t.Error(err)
	}
	if err := back.Remove(ctx, "more"); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cache](shop, "back/more"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("removed: %v", err)
	}
	if err := shop.Stop(ctx); err != nil {
		t.Error(err)
	}
	if _, err := supervisor.Lookup[cache](shop, "back/cache"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("after the tree's end: %v", err)
	}
}

func TestSUPLookupOutsideOfATree(t *testing.T) {
	if _, err := actor.Lookup[cache](context.Background(), "cache"); !errors.Is(err, actor.ErrNoService) {
		t.Errorf("with any context: %v", err)
	}
	svc := actor.Start(&cache{})
	if err := svc.RunContext(context.Background(), func(ctx context.Context, _ *cache) error {
		_, err := actor.Lookup[cache](ctx, "cache")
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
	pool := actor.NewPool(1, newCache, actor.WithLogger(quiet))
	back := supervisor.New("back", supervisor.Spec{
		Interceptors: []actor.Interceptor{note("back")},
		Children:     []supervisor.Child{{Name: "cache", Service: svc}, {Name: "pool", Service: pool}},
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
		if err := pool.Run(ctx, func(*cache) error { return nil }); err != nil {
			t.Error(err)
		}
		want := []string{"shop shop/back/cache", "back shop/back/cache", "own shop/back/cache",
			"shop shop/back/pool/0", "back shop/back/pool/0"}
		if !slices.Equal(seen, want) {
			t.Errorf("%q: want %q", seen, want)
		}
		_ = svc.Run(ctx, func(*cache) error { panic("no") })
	}
	if err := shop.Stop(ctx); err != nil {
		t.Error(err)
	}
	bad := supervisor.New("bad", supervisor.Spec{Interceptors: []actor.Interceptor{nil}})
	if err := bad.Start(ctx); err == nil || !strings.Contains(err.Error(), "Interceptors[0] is nil") {
		t.Errorf("a nil interceptor: %v", err)
	}
}

// What nanogen makes is found as the service that it embeds.
func TestSUPLookupOfAProxy(t *testing.T) {
	p := proxy{actor.New(func(context.Context) (*struct{}, error) { return &struct{}{}, nil })}
	tree := supervisor.New("tree", supervisor.Spec{Children: []supervisor.Child{{Name: "p", Service: p}}})
	if svc, err := supervisor.Lookup[struct{}](tree, "p"); svc != p.embedded || err != nil {
		t.Errorf("Lookup: %v", err)
	}
	if got := tree.Find("p"); got != any(p) {
		t.Errorf("Find: %v", got)
	}
	p.Kill()
}
