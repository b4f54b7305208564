package where_test

import (
	"reflect"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

// asker has methods through which a Site is looked for: inlined ones and others, and such that
// the compiler adds for embedding, interfaces and method values.
type asker struct{}

func (asker) inlined(depth int) (where.Site, where.Place) {
	return where.Above(depth), where.Caller(depth)
}

//go:noinline
func (asker) called(depth int) (where.Site, where.Place) {
	return where.Above(depth), where.Caller(depth)
}

type embeds struct{ *asker }

func deeper(levels, depth int) (where.Site, where.Place) {
	if levels == 0 {
		return where.Above(depth), where.Caller(depth)
	}
	s, p := deeper(levels-1, depth)
	return s, p
}

// A Site is the Place that a walk of the stack by the runtime finds.
func TestSiteIsThePlace(t *testing.T) {
	type asking interface {
		called(int) (where.Site, where.Place)
	}
	for name, ask := range map[string]func(depth int) (where.Site, where.Place){
		"inlined": asker{}.inlined,
		"called":  func(d int) (where.Site, where.Place) { return asker{}.called(d) },
		"a closure": func(d int) (where.Site, where.Place) {
			return func() (where.Site, where.Place) { return asker{}.inlined(d) }()
		},
		"embedded":         func(d int) (where.Site, where.Place) { return embeds{&asker{}}.called(d) },
		"an interface":     func(d int) (where.Site, where.Place) { return asking(embeds{&asker{}}).called(d) },
		"a method value":   asking(embeds{&asker{}}).called,
		"a recursion":      func(d int) (where.Site, where.Place) { return deeper(3, d) },
		"a deep recursion": func(d int) (where.Site, where.Place) { return deeper(30, d) },
		"in a sync.OnceFn": func(d int) (where.Site, where.Place) {
			return sync.OnceValues(func() (where.Site, where.Place) { return deeper(1, d) })()
		},
		"reflection": func(d int) (where.Site, where.Place) {
			out := reflect.ValueOf(deeper).Call([]reflect.Value{reflect.ValueOf(0), reflect.ValueOf(d)})
			return out[0].Interface().(where.Site), out[1].Interface().(where.Place)
		},
		"another goroutine": onGoroutine,
		"a defer statement": deferred,
	} {
		for depth := range 9 {
			site, want := ask(depth)
			if got := site.Place(); got.Frame().Function != want.Frame().Function || got.Frame().Line != want.Frame().Line {
				t.Errorf("%s, %d above: %v, and not %v", name, depth, got, want)
			}
		}
	}
	if got := (where.Site{}).String(); got != "an unknown place" {
		t.Errorf("the zero Site is %q", got)
	}
	if got := where.SiteAt(here()).String(); got != here().String() {
		t.Errorf("of a Place it is %q", got)
	}
}

func deferred(depth int) (site where.Site, place where.Place) {
	take := func(s where.Site, p where.Place) { site, place = s, p }
	func() {
		defer taken(depth, take)
	}()
	return site, place
}

//go:noinline
func taken(depth int, take func(where.Site, where.Place)) { take(deeper(0, depth)) }

func onGoroutine(depth int) (site where.Site, place where.Place) {
	var wg sync.WaitGroup
	wg.Add(1)
	go taken(depth, func(s where.Site, p where.Place) { site, place = s, p; wg.Done() })
	wg.Wait()
	return site, place
}

// Sites hold what was stored last, whatever was there before.
func TestSites(t *testing.T) {
	var ss where.Sites
	long, _ := deeper(5, 4)
	short := where.SiteAt(here())
	for _, s := range []where.Site{long, short, {}, long} {
		ss.Store(&s)
		if got := ss.Load(); got.Place() != s.Place() {
			t.Errorf("%v, and not %v", got, s)
		}
	}
	if n := testing.AllocsPerRun(100, func() { s := where.Above(1); ss.Store(&s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAbove(b *testing.B) {
	for b.Loop() {
		s := where.Above(1)
		_ = s
	}
}

func BenchmarkCaller(b *testing.B) {
	for b.Loop() {
		where.Caller(1)
	}
}
