package origin

import "testing"

// State that leaves through variables, structs, elements and functions.
func TestFlowsOut(t *testing.T) {
	testFlows(t, []flow{
		// Directly.
		{"a slice", refused, `func (t *T) F() []int { return t.l }`},
		{"a part of a slice", refused, `func (t *T) F() []int { return t.l[1:t.n] }`},
		{"a slice of an array", refused, `func (t *T) F() []int { return t.a[:] }`},
		{"an array is copied", accepted, `func (t *T) F() [2]int { return t.a }`},
		{"an array of slices", refused, `func (t *T) F() [2][]int { return t.al }`},
		{"the address of a field", refused, `func (t *T) F() *int { return &t.n }`},
		{"the address of an element", refused, `func (t *T) F() *S { return &t.ss[0] }`},
		{"the receiver", refused, `func (t *T) F() any { return t }`},
		{"a copy of all", refused, `func (t *T) F() *S { c := *t; return &c.s }`},
		{"a pointer in a field", warned, `func (t *T) F() *U { return t.u }`},
		{"a pointer out of a map", warned, `func (t *T) F(k string) *U { return t.mu[k] }`},
		{"an interface", warned, `func (t *T) F() any { return t.any }`},
		{"an error", accepted, `func (t *T) F() error { return t.err }`},
		{"a channel", accepted, `func (t *T) F() <-chan []int { return t.ch }`},
		{"a time", accepted, `func (t *T) F() time.Time { return t.when }`},
		{"what a pointer points to", warned, `func (t *T) F() S { return *t.ps }`},
		{"a field behind a pointer", warned, `func (t *T) F() []int { return t.ps.list }`},
		{"a struct with a slice", refused, `func (t *T) F() S { return t.s }`},
		{"a value receiver shares", refused, `func (t T) F() []int { return t.l }`},
		{"the address of a copy", accepted, `func (t T) F() *int { return &t.n }`},

		// Through variables.
		{"a variable", refused, `func (t *T) F() []int { l := t.l; return l }`},
		{"v, ok of a map", refused, `func (t *T) F(k string) (S, bool) { x, ok := t.ms[k]; return x, ok }`},
		{"v, ok of a map of slices", refused, `func (t *T) F(k string) ([]int, bool) { x, ok := t.ml[k]; return x, ok }`},
		{"v, ok of an assertion", warned, `func (t *T) F() ([]int, bool) { l, ok := t.any.([]int); return l, ok }`},
		{"a naked return", refused, `func (t *T) F() (r S) { r = t.s; return }`},
		{"a named result that a deferred function sets", refused, `func (t *T) F() (r []int) { defer func() { r = t.l }(); return nil }`},
		{"a shadowed variable", accepted, `func (t *T) F() []int {
			var l []int
			if true { l := t.l; use(len(l)) }
			return l
		}`},
		{"a variable given something else later", accepted, `func (t *T) F() []int { l := t.l; l = slices.Clone(l); return l }`},
		{"on one of two ways", warned, `func (t *T) F(c bool) []int { l := []int{}; if c { l = t.l }; return l }`},
		{"a copy unless it is nil", accepted, `func (t *T) F() []int { l := t.l; if l != nil { l = slices.Clone(l) }; return l }`},
		{"only if it is nil", accepted, `func (t *T) F() *T { if t == nil { return t }; return nil }`},
		{"only if it is not nil", refused, `func (t *T) F() *T { if t != nil { return t }; return nil }`},
		{"a copy unless it is short", warned, `func (t *T) F() []int { l := t.l; if len(l) > 3 { l = slices.Clone(l) }; return l }`},
		{"on both ways", refused, `func (t *T) F(c bool) []int { l := t.l; if c { l = t.spare }; return l }`},
		{"by a switch", refused, `func (t *T) F(n int) (l []int) { switch n { case 1: l = t.l; default: l = t.spare }; return }`},
		{"by a type switch", warned, `func (t *T) F() []int { switch x := t.any.(type) { case []int: return x }; return nil }`},
		{"a type switch of a slice", refused, `func (t *T) F() any { var a any = t.l; switch x := a.(type) { case []int: return x }; return nil }`},
		{"a conversion", refused, `func (t *T) F() sort.IntSlice { return sort.IntSlice(t.l) }`},
		{"a conversion to an array", accepted, `func (t *T) F() [2]int { return [2]int(t.l) }`},
		{"a conversion to a pointer to an array", refused, `func (t *T) F() *[2]int { return (*[2]int)(t.l) }`},
		{"a pointer to a field, then its target", refused, `func (t *T) F() []int { p := &t.l; return *p }`},
		{"a pointer to a variable", refused, `func (t *T) F() []int { var l []int; p := &l; *p = t.l; return l }`},
		{"another name of the receiver", refused, `func (t *T) F() []int { o := t; return o.l }`},
		{"a parameter", accepted, `func (t *T) F(l []int) []int { return l }`},
		{"a parameter that is kept", refused, `func (t *T) F(l []int) []int { t.l = l; return l }`},
		{"what was made and is kept", refused, `func (t *T) F() []int { l := make([]int, 3); t.l = l; return l }`},
		{"a struct that is kept", warned, `func (t *T) F() *U { u := &U{}; t.mu["a"] = u; return u }`},
		{"a struct with a part that is kept", refused, `func (t *T) F() *View { v := &View{data: t.l}; t.any = v; return v }`},
		{"what a copy of the loop's variable has", refused, `func (t *T) F() []int { for _, s := range t.ss { return s.list }; return nil }`},
		{"a goto", warned, `func (t *T) F() []int { l := []int{}
			again: if t.n > 0 { l = nil; goto again }
			return l
		}`},

		// Through structs.
		{"a literal", refused, `func (t *T) F() View { return View{data: t.l} }`},
		{"a literal without names", refused, `func (t *T) F() View { return View{t.l, nil} }`},
		{"a view of the receiver", refused, `func (t *T) F() View { return View{of: t} }`},
		{"a pointer to a literal", refused, `func (t *T) F() *View { return &View{data: t.l} }`},
		{"a struct filled field by field", refused, `func (t *T) F() View { var v View; v.data = t.l; return v }`},
		{"a struct filled with copies", accepted, `func (t *T) F() View { var v View; v.data = slices.Clone(t.l); return v }`},
		{"a pointer in a struct", warned, `func (t *T) F() struct{ u *U } { return struct{ u *U }{t.u} }`},
		{"a copy by new", refused, `func (t *T) F() *T { c := new(T); *c = *t; return c }`},
		{"a copy whose fields are copied", accepted, `func (t *T) F() S { c := t.s; c.list = slices.Clone(c.list); return c }`},
		{"a copy by new whose fields are copied", accepted, `func (t *T) F() *S { c := new(S); *c = t.s; c.list = slices.Clone(c.list); return c }`},
		{"a copy whose field is copied on one way", warned, `func (t *T) F() S { c := t.s; if t.n > 0 { c.list = slices.Clone(c.list) }; return c }`},
		{"a nested struct", refused, `func (t *T) F() struct{ s S } { var o struct{ s S }; o.s.list = t.l; return o }`},
		{"a struct in a map", refused, `func (t *T) F() map[string]S { return map[string]S{"a": t.s} }`},
		{"an array", refused, `func (t *T) F() [2][]int { var a [2][]int; a[1] = t.l; return a }`},
		{"a struct of plain parts", accepted, `func (t *T) F() struct{ n int } { return struct{ n int }{t.s.n} }`},
		{"an embedded field", refused, `func (t *T) F() []int { return t.inner }`},
		{"a field that is replaced again", accepted, `func (t *T) F() View { v := View{data: t.l}; v.data = nil; return v }`},
	})
}

// Functions that are called or returned.
func TestFlowsThroughFunctions(t *testing.T) {
	testFlows(t, []flow{
		{"a method", refused, `func (t *T) F() []int { return t.get() }
			func (t *T) get() []int { return t.l }`},
		{"a method of an embedded struct", refused, `func (t *T) F() []int { return t.own() }`},
		{"a method that copies", accepted, `func (t *T) F() []int { return t.get() }
			func (t *T) get() []int { return slices.Clone(t.l) }`},
		{"a function", refused, `func (t *T) F() []int { return part(t) }
			func part(t *T) []int { return t.l }`},
		{"a function with two results", refused, `func (t *T) F() ([]int, error) { return part(t) }
			func part(t *T) ([]int, error) { return t.l, nil }`},
		{"a function that gets a part", refused, `func (t *T) F() []int { return tail(t.l) }
			func tail(l []int) []int { return l[1:] }`},
		{"a function of numbers", accepted, `func (t *T) F() []int { return count(t.n) }
			func count(n int) []int { return make([]int, n) }`},
		{"a generic function that copies", accepted, `func (t *T) F() []int { return dup(t.l) }
			func dup[E any](l []E) []E { return append([]E(nil), l...) }`},
		{"a generic function that copies elements that share", refused, `func (t *T) F() [][]int { return dup(t.ll) }
			func dup[S ~[]E, E any](l S) S { return append(S(nil), l...) }`},
		{"a generic function that returns what it gets", refused, `func (t *T) F() []int { return same(t.l) }
			func same[A any](a A) A { return a }`},
		{"a function that keeps what it gets", refused, `func (t *T) F() []int { l := []int{1}; t.keep(l); return l }
			func (t *T) keep(l []int) { t.l = l }`},
		{"a function that does not", accepted, `func (t *T) F() []int { l := []int{1}; t.read(l); return l }
			func (t *T) read(l []int) { t.n = len(l) }`},
		{"a function that fills", refused, `func (t *T) F() *View { v := &View{}; t.fill(v); return v }
			func (t *T) fill(v *View) { v.data = t.l }`},
		{"a recursive function", warned, `func (t *T) F() *T { return t.child.last() }
			func (t *T) last() *T { if t.child == nil { return t }; return t.child.last() }`},
		{"two functions that call each other", warned, `func (t *T) F() []int { return t.even(3) }
			func (t *T) even(n int) []int { if n == 0 { return t.l }; return t.odd(n - 1) }
			func (t *T) odd(n int) []int { if n == 0 { return t.l }; return t.even(n - 1) }`},
		{"variadic parameters", refused, `func (t *T) F() [][]int { return list(t.l, t.spare) }
			func list(ll ...[]int) [][]int { return ll }`},
		{"a method expression", refused, `func (t *T) F() []int { return (*T).get(t) }
			func (t *T) get() []int { return t.l }`},
		{"a function in a variable", refused, `func (t *T) F() []int { f := func() []int { return t.l }; return f() }`},
		{"a function in a field", warned, `type G struct { f func() []int }
			func (g *G) F() []int { return g.f() }`},
		{"an interface's method", warned, `type G struct { i interface{ L() []int } }
			func (g *G) F() []int { return g.i.L() }`},
		{"a method of another package", warned, `func (t *T) F() []byte { return t.buf.Bytes() }`},
		{"a buffer of one's own", accepted, `func (t *T) F() []byte { var b bytes.Buffer; b.WriteByte(1); return b.Bytes() }`},
		{"a function of another package", accepted, `func (t *T) F() ([]byte, error) { return json.Marshal(t.l) }`},
		{"what another package fills", accepted, `func (t *T) F(b []byte) (*View, error) { v := new(View); err := json.Unmarshal(b, v); return v, err }`},
		{"an immediate function", refused, `func (t *T) F() []int { return func() []int { return t.l }() }`},
		{"a function that sets a variable", refused, `func (t *T) F() []int { var l []int; set := func() { l = t.l }; set(); return l }`},
		{"a callback that adds", refused, `func (t *T) F() (r [][]int) { t.each(func(l []int) { r = append(r, l) }); return r }
			func (t *T) each(f func([]int)) { for _, l := range t.ll { f(l) } }`},
		{"a callback that adds copies", accepted, `func (t *T) F() (r [][]int) { t.each(func(l []int) { r = append(r, slices.Clone(l)) }); return r }
			func (t *T) each(f func([]int)) { for _, l := range t.ll { f(l) } }`},

		{"a closure over the receiver", refused, `func (t *T) F() func() int { return func() int { return t.n } }`},
		{"a closure over a variable", refused, `func (t *T) F() func() int { l := t.l; return func() int { return l[0] } }`},
		{"a closure over a copy", accepted, `func (t *T) F() func() int { l := slices.Clone(t.l); return func() int { return l[0] } }`},
		{"a closure over a number", accepted, `func (t *T) F() func() int { n := t.n; return func() int { return n } }`},
		{"a closure over a variable that gets state later", refused, `func (t *T) F() func() int {
			var l []int
			f := func() int { return l[0] }
			l = t.l
			return f
		}`},
		{"a method value", refused, `func (t *T) F() func() []int { return t.get }
			func (t *T) get() []int { return nil }`},
		{"a method value in a variable", refused, `func (t *T) F() func() []int { f := t.get; return f }
			func (t *T) get() []int { return nil }`},
		{"a function of the package", accepted, `func (t *T) F() func(...any) { return use }`},
		{"an iterator over the state", refused, `func (t *T) F() iter.Seq[int] { return func(yield func(int) bool) { for _, x := range t.l { if !yield(x) { return } } } }`},
		{"an iterator over a variable", refused, `func (t *T) F() iter.Seq[int] { l := t.l; return func(yield func(int) bool) { for _, x := range l { if !yield(x) { return } } } }`},
		{"slices.Values", refused, `func (t *T) F() iter.Seq[int] { return slices.Values(t.l) }`},
		{"slices.Values of a copy", accepted, `func (t *T) F() iter.Seq[int] { return slices.Values(slices.Clone(t.l)) }`},
		{"maps.Keys", refused, `func (t *T) F() iter.Seq[string] { return maps.Keys(t.m) }`},
		{"maps.All", refused, `func (t *T) F() iter.Seq2[string, int] { return maps.All(t.m) }`},
	})
}
