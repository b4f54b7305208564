package uses

import (
	"go/types"
	"testing"
)

// unread are methods without a text, whose types decide.
var unread = []struct{ method, want string }{
	{`Nothing()`, ""},
	{`Scalars(n int, text string, b bool, f float64)`, ""},
	{`Variadic(format string, ns ...int)`, ""},
	{`Any(x any, xs ...any)`, ""},
	{`Error(err error)`, ""},
	{`Context(ctx context.Context, n int)`, ""},
	{`Value(p Point, a [2]Point, at time.Time)`, ""},
	{`Put(k K, v V)`, ""},
	{`Empty(x interface{}, y struct{})`, ""},
	{`Service(svc *actor.Service[Point])`, ""},
	{`Each(f func(int))`, "is not read, and f is a function"},
	{`Range(func(k, v any) bool)`, "is not read, and a parameter is a function"},
	{`Named(f http.HandlerFunc)`, "is not read, and f is a function"},
	{`Pointer(p *Point)`, "is not read, and p is a pointer"},
	{`PointerTo(p *V)`, "is not read, and p is a pointer"},
	{`Unsafe(p unsafe.Pointer)`, "is not read, and p is a pointer"},
	{`Fill(dst []int)`, "is not read, and dst is a slice"},
	{`Lines(n int, lines ...[]string)`, "is not read, and lines is a slice"},
	{`Map(m map[int]int)`, "is not read, and m is a map"},
	{`Header(h http.Header)`, "is not read, and h is a map"},
	{`Chan(ch chan int)`, "is not read, and ch is a channel"},
	{`Writer(ctx context.Context, w io.Writer)`, "is not read, and w is an interface with methods"},
	{`ServeHTTP(w http.ResponseWriter, r *http.Request)`, "is not read, and w is an interface with methods"},
	{`Second(n int, ctx context.Context)`, "is not read, and ctx is an interface with methods"},
	{`Struct(b Box)`, "is not read, and b has a slice in it"},
	{`Array(a [2]*Point)`, "is not read, and a has a pointer in it"},
	{`Exported(u http.Cookie)`, "is not read, and u has a slice in it"},
	{`Wait()`, "is not read, and is called Wait"},
}

func TestUnread(t *testing.T) {
	t.Parallel()
	source := `package p

import (
	"context"
	"io"
	"net/http"
	"time"
	"unsafe"

	"github.com/bruskajp/nano_services/actor"
)

type Point struct{ X, Y int }
type Box struct{ list []int; done chan int }
type S[K comparable, V any] struct{}

var _ io.Writer
var _ unsafe.Pointer
`
	for _, row := range unread {
		source += "func (s *S[K, V]) " + row.method + "\n"
	}
	p, fns := check(t, source, 0)
	for i, row := range unread {
		got := ""
		if all := p.Of(fns[i]); len(all) > 0 {
			if got = all[0].Text; all[0].Reason != Unread {
				t.Errorf("%s: reason %d", row.method, all[0].Reason)
			}
		}
		if got != row.want {
			t.Errorf("%s\n\tgot  %q\n\twant %q", row.method, got, row.want)
		}
	}
}

// Methods of other packages are not read, and those of their interfaces neither.
func TestOtherPackages(t *testing.T) {
	t.Parallel()
	p, _ := check(t, prelude, len(prelude))
	for _, row := range []struct{ path, typ, method, want string }{
		{"sync", "WaitGroup", "Wait", "is not read, and is called Wait"},
		{"sync", "WaitGroup", "Add", ""},
		{"sync", "WaitGroup", "Go", "is not read, and f is a function"},
		{"sync", "Mutex", "Lock", ""},
		{"sync", "Map", "Range", "is not read, and f is a function"},
		{"sync", "Map", "Store", ""},
		{"bytes", "Buffer", "Reset", ""},
		{"net/http", "Handler", "ServeHTTP", "is not read, and a parameter is an interface with methods"},
		{"net/http", "ServeMux", "ServeHTTP", "is not read, and w is an interface with methods"},
		{"math/rand/v2", "Rand", "Shuffle", "is not read, and swap is a function"},
	} {
		var pkg *types.Package
		for _, imported := range p.pkg.Imports() {
			if imported.Path() == row.path {
				pkg = imported
			}
		}
		obj, _, _ := types.LookupFieldOrMethod(pkg.Scope().Lookup(row.typ).Type(), true, pkg, row.method)
		got := ""
		if all := p.Of(obj.(*types.Func)); len(all) > 0 {
			got = all[0].Text
		}
		if got != row.want {
			t.Errorf("%s.%s.%s: got %q, want %q", row.path, row.typ, row.method, got, row.want)
		}
	}
}
