package origin

import "testing"

// State that is handed over: the struct has it no more.
func TestFlowsOfHandovers(t *testing.T) {
	testFlows(t, []flow{
		{"taken out", accepted, `func (t *T) F() []int { o := t.l; t.l = nil; return o }`},
		{"exchanged", accepted, `func (t *T) F(n []int) []int { o := t.l; t.l = n; return o }`},
		{"exchanged at once", accepted, `func (t *T) F(n []int) (o []int) { o, t.l = t.l, n; return o }`},
		{"exchanged for another field", accepted, `func (t *T) F() []int { o := t.l; t.l = t.spare; t.spare = nil; return o }`},
		{"exchanged, and kept in another field", refused, `func (t *T) F() []int { o := t.l; t.l = t.spare; t.spare = o; return o }`},
		{"kept in another field, then exchanged", refused, `func (t *T) F() []int { o := t.l; t.spare = o; t.l = nil; return o }`},
		{"two fields change places", refused, `func (t *T) F() []int { o := t.l; t.l, t.spare = t.spare, t.l; return o }`},
		{"exchanged for a part of itself", refused, `func (t *T) F() []int { o := t.l; t.l = o[1:]; return o }`},
		{"exchanged for a shorter self", refused, `func (t *T) F() []int { o := t.l; t.l = t.l[:0]; return o }`},
		{"exchanged before it is read", refused, `func (t *T) F() []int { t.l = nil; o := t.l; return o }`},
		{"exchanged on one way", warned, `func (t *T) F(c bool) []int { o := t.l; if c { t.l = nil }; return o }`},
		{"exchanged on both ways", accepted, `func (t *T) F(c bool) []int { o := t.l; if c { t.l = nil } else { t.l = []int{1} }; return o }`},
		{"exchanged or returned early", accepted, `func (t *T) F() []int { if t.n == 0 { return nil }; o := t.l; t.l = nil; return o }`},
		{"exchanged by a deferred function", accepted, `func (t *T) F() []int { defer func() { t.l = nil }(); return t.l }`},
		{"exchanged by a function that is not called", refused, `func (t *T) F() []int { use(func() { t.n++ }); o := t.l; f := func() { t.l = nil }; _ = f; return o }`},
		{"exchanged by a method", accepted, `func (t *T) F() []int { o := t.l; t.reset(); return o }
			func (t *T) reset() { t.l = nil }`},
		{"taken out by a method", accepted, `func (t *T) F() []int { return t.take() }
			func (t *T) take() []int { o := t.l; t.l = nil; return o }`},
		{"taken out by a generic function", accepted, `func (t *T) F() []int { return takeOut(&t.l) }
			func takeOut[A any](p *A) A { a := *p; var zero A; *p = zero; return a }`},
		{"not taken out by a generic function", refused, `func (t *T) F() []int { return look(&t.l) }
			func look[A any](p *A) A { return *p }`},
		{"moved", accepted, `func (t *T) F() []int { return actor.Move(&t.l) }`},
		{"moved after it was kept", refused, `func (t *T) F() []int { t.spare = t.l; return actor.Move(&t.l) }`},
		{"a service", accepted, `type G struct { next *actor.Service[T] }
			func (g *G) F() *actor.Service[T] { return g.next }`},
		{"a list of services", accepted, `type G struct { all []*actor.Service[T] }
			func (g *G) F() []*actor.Service[T] { return slices.Clone(g.all) }`},
		{"all is taken out", accepted, `func (t *T) F() T { o := *t; *t = T{}; return o }`},
		{"all but a field is taken out", refused, `func (t *T) F() T { o := *t; *t = T{l: o.l}; return o }`},
		{"a field of a copy is taken out", accepted, `func (t *T) F() S { o := t.s; t.s.list = nil; return o }`},
		{"a struct is taken out", accepted, `func (t *T) F() S { o := t.s; t.s = S{}; return o }`},
		{"a pointer is taken out", accepted, `func (t *T) F() *U { o := t.u; t.u = nil; return o }`},
		{"a pointer is exchanged", accepted, `func (t *T) F(n *U) (o *U) { o, t.u = t.u, n; return }`},
		{"what is behind a pointer is taken out", accepted, `func (t *T) F() []int { o := t.ps.list; t.ps.list = nil; return o }`},
		{"a child is dropped", accepted, `func (t *T) F() []int { o := t.child.l; t.child = nil; return o }`},
		{"returned in a struct", accepted, `func (t *T) F() View { v := View{data: t.l}; t.l = nil; return v }`},
		{"returned in a slice", accepted, `func (t *T) F() [][]int { r := [][]int{t.l, t.spare}; t.l, t.spare = nil, nil; return r }`},
		{"one of two", refused, `func (t *T) F() [][]int { r := [][]int{t.l, t.spare}; t.l = nil; return r }`},
		{"what was made and kept is taken out", accepted, `func (t *T) F() []int { l := []int{1}; t.l = l; t.n = len(t.l); t.l = nil; return l }`},
		{"made at first", refused, `func (t *T) F() map[string]int { if t.m == nil { t.m = map[string]int{} }; return t.m }`},
		{"the address of a field that is set", refused, `func (t *T) F() *S { p := &t.s; t.s = S{}; return p }`},
		{"the address of an element of a slice that is taken out", accepted, `func (t *T) F() *S { p := &t.ss[0]; t.ss = nil; return p }`},
		{"exchanged behind a lock", accepted, `func (t *T) F() []int { t.lock.Lock(); defer t.lock.Unlock(); o := t.l; t.l = nil; return o }`},
		{"in a loop until there is no more", accepted, `func (t *T) F() (r [][]int) { for len(t.l) > 0 { r = append(r, t.l); t.l = nil }; return r }`},

		// Elements.
		{"deleted from a map", accepted, `func (t *T) F(k string) ([]int, bool) { v, ok := t.ml[k]; delete(t.ml, k); return v, ok }`},
		{"deleted by another name of the key", accepted, `func (t *T) F(k string) []int { v := t.ml[k]; c := k; delete(t.ml, c); return v }`},
		{"deleted with another key", warned, `func (t *T) F(k, c string) []int { v := t.ml[k]; delete(t.ml, c); return v }`},
		{"deleted with the key of before", warned, `func (t *T) F(k string) []int { v := t.ml[k]; k += "x"; delete(t.ml, k); return v }`},
		{"deleted, but another constant", refused, `func (t *T) F() []int { v := t.ml["a"]; delete(t.ml, "b"); return v }`},
		{"deleted by a deferred call", accepted, `func (t *T) F(k string) []int { defer delete(t.ml, k); return t.ml[k] }`},
		{"deleted in a loop", accepted, `func (t *T) F() (r [][]int) { for k, v := range t.ml { r = append(r, v); delete(t.ml, k) }; return r }`},
		{"deleted in a loop with a condition", warned, `func (t *T) F() (r [][]int) { for k, v := range t.ml { r = append(r, v); if k != "" { delete(t.ml, k) } }; return r }`},
		{"deleted by a method", accepted, `func (t *T) F(k string) []int { v := t.ml[k]; t.drop(k); return v }
			func (t *T) drop(key string) { delete(t.ml, key); t.n-- }`},
		{"cleared", accepted, `func (t *T) F() (r [][]int) { for _, v := range t.ml { r = append(r, v) }; clear(t.ml); return r }`},
		{"cleared, and the map itself", refused, `func (t *T) F() map[string]int { m := t.m; clear(t.m); return m }`},
		{"a new map for it", accepted, `func (t *T) F() map[string][]int { m := t.ml; t.ml = make(map[string][]int, len(m)); return m }`},
		{"a map without its elements", accepted, `func (t *T) F() (r [][]int) { for _, v := range t.ml { r = append(r, v) }; t.ml = nil; return r }`},
		{"an element that is set", accepted, `func (t *T) F(i int) []int { o := t.ll[i]; t.ll[i] = nil; return o }`},
		{"elements that are set in a loop", accepted, `func (t *T) F() (r [][]int) { for i := range t.ll { r = append(r, t.ll[i]); t.ll[i] = nil }; return r }`},
		{"elements exchanged at once", accepted, `func (t *T) F(i int, n []int) (o []int) { o, t.ll[i] = t.ll[i], n; return o }`},
		{"popped from the front", accepted, `func (t *T) F() []int { o := t.ll[0]; t.ll = t.ll[1:]; return o }`},
		{"popped from the end", accepted, `func (t *T) F() []int { o := t.ll[len(t.ll)-1]; t.ll = t.ll[:len(t.ll)-1]; return o }`},
		{"popped from the end by a variable", accepted, `func (t *T) F() []int { n := len(t.ll) - 1; o := t.ll[n]; t.ll = t.ll[:n]; return o }`},
		{"popped from the end by a length", accepted, `func (t *T) F() []int { n := len(t.ll); o := t.ll[n-1]; t.ll[n-1] = nil; t.ll = t.ll[:n-1]; return o }`},
		{"popped in a loop", accepted, `func (t *T) F() (r [][]int) { for len(t.ll) > 0 { r = append(r, t.ll[0]); t.ll = t.ll[1:] }; return r }`},
		{"popped from the wrong end", warned, `func (t *T) F() []int { o := t.ll[len(t.ll)-1]; t.ll = t.ll[1:]; return o }`},
		{"popped after a copy", warned, `func (t *T) F() []int { o := t.ll[0]; copy(t.ll, t.ll[1:]); t.ll = t.ll[:len(t.ll)-1]; return o }`},
		{"cut out by append", accepted, `func (t *T) F(i int) []int { o := t.ll[i]; t.ll = append(t.ll[:i], t.ll[i+1:]...); return o }`},
		{"cut out by slices.Delete", accepted, `func (t *T) F(i int) []int { o := t.ll[i]; t.ll = slices.Delete(t.ll, i, i+1); return o }`},
		{"cut out of a loop", accepted, `func (t *T) F() []int { for i, o := range t.ll { if len(o) > 9 { t.ll = slices.Delete(t.ll, i, i+1); return o } }; return nil }`},
		{"the last one in its place", accepted, `func (t *T) F(i int) []int { o := t.ll[i]; t.ll[i] = t.ll[len(t.ll)-1]; t.ll = t.ll[:len(t.ll)-1]; return o }`},
		{"all that are before", accepted, `func (t *T) F() (r [][]int) { r = append(r, t.ll...); t.ll = t.ll[:0]; return r }`},
		{"appended to while it is out", refused, `func (t *T) F() []int { o := t.ll[0]; t.ll = append(t.ll, nil); return o }`},
		{"put back into a list", refused, `func (t *T) F() []int { o := t.l; t.ll = append(t.ll, o); t.l = nil; return o }`},
		{"put back into a map", refused, `func (t *T) F() []int { o := t.l; t.ml["a"] = o; t.l = nil; return o }`},
		{"put back in a struct", refused, `func (t *T) F() []int { o := t.l; t.s = S{list: o}; t.l = nil; return o }`},
		{"received by an emptied channel", accepted, `func (t *T) F() (r [][]int) { for x := range t.ch { r = append(r, x) }; return r }`},
	})
}

// The same for function literals that get the state as a parameter.
func TestFlowsOutOfLiterals(t *testing.T) {
	testFlows(t, []flow{
		{"a literal returns a slice", refused, `var f = func(t *T) []int { return t.l }`},
		{"a literal returns a copy", accepted, `var f = func(t *T) []int { return slices.Clone(t.l) }`},
		{"a literal with a parameter in front", refused, `var f = func(n int, t *T) (map[string]int, error) { return t.m, nil }`},
		{"a literal takes out", accepted, `var f = func(t *T) []int { o := t.l; t.l = nil; return o }`},
		{"a literal calls a method", refused, `var f = func(t *T) []int { return t.own() }`},
		{"a literal gets the state by value", refused, `var f = func(t T) []int { return t.l }`},
		{"a literal returns the state", refused, `var f = func(t *T) *T { return t }`},
		{"a literal returns a variable of the package", warned, `var global []int
			var f = func(t *T) []int { return global }`},
		{"a literal puts state there", refused, `var global []int
			var f = func(t *T) []int { global = t.l; return global }`},
		{"a literal without parameters", accepted, `var f = func() []int { return nil }`},
	})
}
