package origin

import "testing"

// What the others have in common, in other words: statements, generic types, embedded
// pointers.
func TestFlowsInOtherWords(t *testing.T) {
	testFlows(t, []flow{
		{"select", accepted, `func (t *T) F() []int { select { case l := <-t.ch: return l; default: return nil } }`},
		{"select that assigns", refused, `func (t *T) F() (l []int) { select { case l = <-t.ch: default: l = t.l }; return }`},
		{"fallthrough", refused, `func (t *T) F(n int) (l []int) { switch n { case 1: l = t.l; fallthrough; case 2: t.n++; default: l = t.spare }; return l }`},
		{"an endless loop", refused, `func (t *T) F() []int { for { if t.n > 3 { return t.l }; t.n++ } }`},
		{"a loop that swaps", refused, `func (t *T) F() []int { a, b := t.l, t.spare; for range 3 { a, b = b, a }; return a }`},
		{"two assignments at once", refused, `func (t *T) F() []int { a, b := []int{1}, t.l; a, b = b, a; use(b); return a }`},
		{"declared with var", refused, `func (t *T) F() []int { var l []int = t.l; return l }`},
		{"declared with two", refused, `func (t *T) F() []int { var a, b = t.n, t.l; use(a); return b }`},
		{"by way of an interface", refused, `func (t *T) F() any { var x any = t.l; return x }`},
		{"by way of an interface and back", refused, `func (t *T) F() []int { var x any = t.l; l, _ := x.([]int); return l }`},
		{"an anonymous struct", refused, `func (t *T) F() any { return struct{ l []int }{t.l} }`},
		{"a linked list", refused, `type node struct { l []int; next *node }
			func (t *T) F() *node { var first *node; for _, l := range t.ll { first = &node{l, first} }; return first }`},
		{"a linked list of copies", accepted, `type node struct { l []int; next *node }
			func (t *T) F() *node { var first *node; for _, l := range t.ll { first = &node{slices.Clone(l), first} }; return first }`},
		{"a ring", accepted, `type node struct { n int; next *node }
			func (t *T) F() *node { n := &node{n: t.n}; n.next = n; return n }`},
		{"nested maps", refused, `func (t *T) F() map[string]map[string][]int { r := map[string]map[string][]int{}; for k, v := range t.ml { if r[k] == nil { r[k] = map[string][]int{} }; r[k][k] = v }; return r }`},
		{"nested maps of copies", accepted, `func (t *T) F() map[string]map[string][]int { r := map[string]map[string][]int{}; for k, v := range t.ml { if r[k] == nil { r[k] = map[string][]int{} }; r[k][k] = slices.Clone(v) }; return r }`},
		{"groups", accepted, `func (t *T) F() map[int][]int { r := map[int][]int{}; for _, x := range t.l { r[x%2] = append(r[x%2], x) }; return r }`},
		{"groups of what shares", refused, `func (t *T) F() map[int][]S { r := map[int][]S{}; for _, x := range t.ss { r[x.n] = append(r[x.n], x) }; return r }`},
		{"a builder", accepted, `func (t *T) F() string { var b strings.Builder; for _, u := range t.us { b.WriteString(u.name) }; return b.String() }`},
		{"a fluent method", refused, `func (t *T) F() *T { t.n++; return t }`},
		{"an embedded pointer", warned, `type G struct { *U }
			func (g *G) F() []string { return g.tags }`},
		{"a method of an embedded pointer", warned, `type G struct { *H }
			type H struct { l []int }
			func (h *H) get() []int { return h.l }
			func (g *G) F() []int { return g.get() }`},
		{"an embedded pointer itself", warned, `type G struct { *U }
			func (g *G) F() *U { return g.U }`},
		{"a receiver that is a map", refused, `type M map[string]int
			func (m M) F() map[string]int { return m }`},
		{"a receiver that is a slice", refused, `type L []int
			func (l L) F() []int { return l[1:] }`},
		{"a receiver without a name", accepted, `func (*T) F() []int { return nil }`},
		{"a generic list", refused, `type List[E any] struct { all []E }
			func (l *List[E]) F() []E { return l.all }`},
		{"a copy of a generic list", accepted, `type List[E any] struct { all []E }
			func (l *List[E]) F() []E { return slices.Clone(l.all) }`},
		{"an element of a generic list", accepted, `type List[E any] struct { all []E }
			func (l *List[E]) F() E { return l.all[0] }`},
		{"elements of a generic linked list", accepted, `type Linked[E any] struct { first *item[E] }
			type item[E any] struct { e E; next *item[E] }
			func (l *Linked[E]) F() []E { r := make([]E, 3); i := 0; for x := l.first; x != nil; x = x.next { r[i] = x.e; i++ }; return r }`},
		{"elements of a generic tree", accepted, `type Tree[K comparable, V any] struct { left, right *Tree[K, V]; k K; v V }
			func (t *Tree[K, V]) F() (r []V) { t.each(func(v V) { r = append(r, v) }); return r }
			func (t *Tree[K, V]) each(f func(V)) { if t != nil { t.left.each(f); f(t.v); t.right.each(f) } }`},
		{"a generic field's method", refused, `type box[E any] struct { e E }
			func (b *box[E]) get() E { return b.e }
			type Owner struct { b box[[]int] }
			func (o *Owner) F() []int { return o.b.get() }`},
		{"a generic field's method, of numbers", accepted, `type box[E any] struct { e E }
			func (b *box[E]) get() E { return b.e }
			type Owner struct { b box[int] }
			func (o *Owner) F() int { return o.b.get() }`},
		{"a generic field's method in another's", refused, `type box[E any] struct { e E }
			func (b *box[E]) get() E { return b.e }
			type pile[E any] struct { top box[E] }
			func (p *pile[E]) get() E { return p.top.get() }
			type Owner struct { p pile[map[string]int] }
			func (o *Owner) F() map[string]int { return o.p.get() }`},
		{"a generic field's method, of a list of the state's parameter", refused, `type box[E any] struct { e E }
			func (b *box[E]) get() E { return b.e }
			type Owner[E any] struct { b box[[]E] }
			func (o *Owner[E]) F() []E { return o.b.get() }`},
		{"a generic field's method, of the state's parameter", accepted, `type box[E any] struct { e E }
			func (b *box[E]) get() E { return b.e }
			type Owner[E any] struct { b box[E] }
			func (o *Owner[E]) F() E { return o.b.get() }`},
		{"a type parameter that is a slice", refused, `type Box[L ~[]E, E any] struct { l L }
			func (b *Box[L, E]) F() L { return b.l }`},
		{"a generic map's entry", refused, `type entry[V any] struct { v V; list []V }
			type Map[K comparable, V any] struct { m map[K]entry[V] }
			func (m *Map[K, V]) F(k K) entry[V] { return m.m[k] }`},
		{"a generic pair with a part", refused, `type pair[A, B any] struct { a A; b B }
			func (t *T) F() pair[int, []int] { return pair[int, []int]{t.n, t.l} }`},
		{"a generic constructor", refused, `type pair[A, B any] struct { a A; b B }
			func of[A, B any](a A, b B) pair[A, B] { return pair[A, B]{a, b} }
			func (t *T) F() pair[int, []int] { return of(t.n, t.l) }`},
		{"filter by a function", accepted, `func (t *T) F(keep func(int) bool) (r []int) { for _, x := range t.l { if keep(x) { r = append(r, x) } }; return r }`},
		{"in place filter", refused, `func (t *T) F() []int { r := t.l[:0]; for _, x := range t.l { if x > 0 { r = append(r, x) } }; t.l = r; return t.l }`},
		{"a deferred unlock and a copy", accepted, `func (t *T) F() []int { t.lock.Lock(); defer t.lock.Unlock(); return slices.Clone(t.l) }`},
		{"recover", accepted, `func (t *T) F() (l []int, err error) { defer func() { if r := recover(); r != nil { err = fmt.Errorf("%v", r) } }(); return slices.Clone(t.l), nil }`},
		{"panic on one way", refused, `func (t *T) F() []int { if t.n < 0 { panic("n") }; return t.l }`},
		{"min of numbers", accepted, `func (t *T) F() []int { return make([]int, min(t.n, 3)) }`},
		{"sorted by a function", accepted, `func (t *T) F() []int { r := slices.Clone(t.l); sort.Slice(r, func(i, j int) bool { return r[i] < r[j] }); return r }`},
		{"a struct of another package with a part", refused, `type G struct { b []byte }
			func (g *G) F() *bytes.Reader { return bytes.NewReader(g.b) }`},
		{"a writer that gets a copy", accepted, `func (t *T) F() io.Reader { return strings.NewReader(t.u.name) }`},
		{"an iterator that copies", accepted, `func (t *T) F() iter.Seq[int] { l := slices.Clone(t.l); return func(yield func(int) bool) { for _, x := range l { if !yield(x) { return } } } }`},
		{"collected from one's own iterator", warned, `func (t *T) F() [][]int { return slices.Collect(t.each()) }
			func (t *T) each() iter.Seq[[]int] { return func(yield func([]int) bool) { for _, x := range t.ll { if !yield(x) { return } } } }`},
		{"numbers from one's own iterator", accepted, `func (t *T) F() []int { return slices.Collect(t.each()) }
			func (t *T) each() iter.Seq[int] { return func(yield func(int) bool) { for _, x := range t.l { if !yield(x) { return } } } }`},
		{"a loop over one's own iterator", warned, `func (t *T) F() (r [][]int) { for x := range t.each() { r = append(r, x) }; return r }
			func (t *T) each() iter.Seq[[]int] { return func(yield func([]int) bool) { for _, x := range t.ll { if !yield(x) { return } } } }`},
		{"a loop over one's own iterator with copies", accepted, `func (t *T) F() (r [][]int) { for x := range t.each() { r = append(r, slices.Clone(x)) }; return r }
			func (t *T) each() iter.Seq[[]int] { return func(yield func([]int) bool) { for _, x := range t.ll { if !yield(x) { return } } } }`},
		{"an array of pointers", warned, `type G struct { a [2]*U }
			func (g *G) F() [2]*U { return g.a }`},
		{"an array that is copied by a loop", refused, `func (t *T) F() (r [2][]int) { for i, x := range t.al { r[i] = x }; return r }`},
		{"a pointer to an array", refused, `func (t *T) F() *[2]int { return &t.a }`},
		{"an element by a pointer to an array", refused, `func (t *T) F() []int { p := &t.al; return p[1] }`},
		{"an array's elements by a range over its pointer", refused, `func (t *T) F() []int { for _, x := range &t.al { return x }; return nil }`},
		{"a function that is given away", refused, `func (t *T) F() func() int { return t.f }`},
		{"a cached result", refused, `func (t *T) F() []int { if t.spare == nil { t.spare = slices.Clone(t.l) }; return t.spare }`},
		{"made, kept in an element, returned", refused, `func (t *T) F(k string) []int { l := make([]int, 1); t.ml[k] = l; return l }`},
		{"made, appended, returned", refused, `func (t *T) F() []int { l := make([]int, 1); t.ll = append(t.ll, l); return l }`},
		{"kept by a goroutine", warned, `func (t *T) F() []int { l := make([]int, 1); go func() { t.l = l }(); return l }`},
		{"kept by a deferred call", refused, `func (t *T) F() []int { l := make([]int, 1); defer t.keep(l); return l }
			func (t *T) keep(l []int) { t.l = l }`},
		{"kept by a closure that is called", refused, `func (t *T) F() []int { l := make([]int, 1); keep := func() { t.l = l }; keep(); return l }`},
		{"a slice of a kept slice", refused, `func (t *T) F() []int { l := make([]int, 9); t.l = l[:3]; return l[3:] }`},
	})
}
