package origin

import "testing"

// Elements of slices, maps and channels.
func TestFlowsOfElements(t *testing.T) {
	testFlows(t, []flow{
		// Out of them.
		{"an element", refused, `func (t *T) F() []int { return t.ll[0] }`},
		{"an element by a variable", refused, `func (t *T) F() []int { ll := t.ll; return ll[0] }`},
		{"an element of a map", refused, `func (t *T) F(k string) []int { return t.ml[k] }`},
		{"a struct out of a map", refused, `func (t *T) F(k string) S { return t.ms[k] }`},
		{"a field of an element", refused, `func (t *T) F() []int { return t.ss[1].list }`},
		{"a loop's variable", refused, `func (t *T) F() []int { for _, l := range t.ll { if len(l) > 0 { return l } }; return nil }`},
		{"a loop's variable of a map", refused, `func (t *T) F() []int { for _, l := range t.ml { return l }; return nil }`},
		{"the largest", refused, `func (t *T) F() []int { return slices.MaxFunc(t.ll, func(a, b []int) int { return len(a) - len(b) }) }`},
		{"keys", accepted, `func (t *T) F() (r []string) { for k := range t.m { r = append(r, k) }; return r }`},
		{"keys that are pointers", warned, `type G struct { m map[*U]int }
			func (g *G) F() (r []*U) { for k := range g.m { r = append(r, k) }; return r }`},

		// Into others.
		{"append in a loop", refused, `func (t *T) F() (r [][]int) { for _, x := range t.ll { r = append(r, x) }; return r }`},
		{"append in a loop with a condition", refused, `func (t *T) F() (r [][]int) { for _, x := range t.ll { if len(x) > 0 { r = append(r, x) } }; return r }`},
		{"append of structs", refused, `func (t *T) F() (r []S) { for _, x := range t.ss { r = append(r, x) }; return r }`},
		{"append of structs with a condition", refused, `func (t *T) F() []S { r := make([]S, 0, 3); for i := range t.ss { if i > 1 { r = append(r, t.ss[i]) } }; return r }`},
		{"append of pointers", warned, `func (t *T) F() (r []*U) { for _, x := range t.us { r = append(r, x) }; return r }`},
		{"append of pointers to elements", refused, `func (t *T) F() (r []*S) { for i := range t.ss { r = append(r, &t.ss[i]) }; return r }`},
		{"append of copies", accepted, `func (t *T) F() (r [][]int) { for _, x := range t.ll { r = append(r, slices.Clone(x)) }; return r }`},
		{"append of numbers", accepted, `func (t *T) F() (r []int) { for _, x := range t.l { if x > 0 { r = append(r, x) } }; return r }`},
		{"append of names", accepted, `func (t *T) F() (r []string) { for _, x := range t.us { r = append(r, x.name) }; return r }`},
		{"append with continue and break", refused, `func (t *T) F() (r [][]int) {
			for i, x := range t.ll {
				if i == 0 { continue }
				if i == 9 { break }
				r = append(r, x)
			}
			return r
		}`},
		{"append in a labelled loop", refused, `func (t *T) F() (r [][]int) {
		outer:
			for _, x := range t.ll {
				for _, y := range x {
					if y == 0 { continue outer }
					if y == 1 { break outer }
				}
				r = append(r, x)
			}
			return r
		}`},
		{"append to what may have room", warned, `func (t *T) F() []int { return append(t.l, 1) }`},
		{"append to a part", warned, `func (t *T) F() []int { return append(t.l[:0], 1) }`},
		{"append to itself", refused, `func (t *T) F() []int { t.l = append(t.l, 1); return t.l }`},
		{"append to no room", accepted, `func (t *T) F() []int { return append(t.l[:0:0], t.l...) }`},
		{"append to no room of elements that share", refused, `func (t *T) F() [][]int { return append(t.ll[:0:0], t.ll...) }`},
		{"append to nil", accepted, `func (t *T) F() []int { return append([]int(nil), t.l...) }`},
		{"append to nil of elements that share", refused, `func (t *T) F() []S { return append([]S(nil), t.ss...) }`},
		{"append to a parameter", accepted, `func (t *T) F(to []int) []int { return append(to, t.l...) }`},
		{"append to a parameter of elements that share", refused, `func (t *T) F(to [][]int) [][]int { return append(to, t.ll...) }`},
		{"append of a string", accepted, `func (t *T) F() []byte { return append([]byte("a"), t.u.name...) }`},
		{"elements of a map out of a loop", refused, `func (t *T) F() map[string][]int { r := map[string][]int{}; for k, v := range t.ml { r[k] = v }; return r }`},
		{"elements of a map that are numbers", accepted, `func (t *T) F() map[string]int { r := map[string]int{}; for k, v := range t.m { r[k] = v }; return r }`},
		{"elements of a map with a condition", refused, `func (t *T) F() map[string]S { r := map[string]S{}; for k, v := range t.ms { if k != "" { r[k] = v } }; return r }`},
		{"elements of a map that are pointers", warned, `func (t *T) F() map[string]*U { r := map[string]*U{}; for k, v := range t.mu { r[k] = v }; return r }`},
		{"elements of a map that are copied", accepted, `func (t *T) F() map[string][]int { r := map[string][]int{}; for k, v := range t.ml { r[k] = slices.Clone(v) }; return r }`},
		{"an index in a loop", refused, `func (t *T) F() [][]int { r := make([][]int, len(t.ll)); for i, x := range t.ll { r[i] = x }; return r }`},
		{"an index in a loop with copies", accepted, `func (t *T) F() [][]int { r := make([][]int, len(t.ll)); for i, x := range t.ll { r[i] = slices.Clone(x) }; return r }`},
		{"one of two elements", refused, `func (t *T) F() map[string][]int { r := map[string][]int{}; r["a"] = t.l; r["b"] = nil; return r }`},
		{"one that is replaced", accepted, `func (t *T) F() map[string][]int { r := map[string][]int{}; r["a"] = t.l; r["a"] = nil; return r }`},
		{"copies of fields of structs", accepted, `func (t *T) F() (r []S) { for _, x := range t.ss { x.list = slices.Clone(x.list); r = append(r, x) }; return r }`},
		{"new structs for elements", accepted, `func (t *T) F() (r []*S) { for _, x := range t.ss { r = append(r, &S{x.n, slices.Clone(x.list)}) }; return r }`},
		{"new structs that share", refused, `func (t *T) F() (r []*S) { for _, x := range t.ss { r = append(r, &S{x.n, x.list}) }; return r }`},
		{"a channel that is filled", refused, `func (t *T) F() <-chan []int { c := make(chan []int, 9); for _, x := range t.ll { c <- x }; return c }`},
		{"a channel that is filled with copies", accepted, `func (t *T) F() <-chan []int { c := make(chan []int, 9); for _, x := range t.ll { c <- slices.Clone(x) }; return c }`},
		{"what comes out of a channel", accepted, `func (t *T) F() []int { return <-t.ch }`},

		{"an element that is copied in two steps", accepted, `func (t *T) F() []S { r := make([]S, len(t.ss)); for i := range t.ss { r[i] = t.ss[i]; r[i].list = slices.Clone(t.ss[i].list) }; return r }`},
		{"an element that is copied in two steps, now and then", warned, `func (t *T) F() []S { r := make([]S, len(t.ss)); for i := range t.ss { r[i] = t.ss[i]; if i > 2 { r[i].list = slices.Clone(t.ss[i].list) } }; return r }`},
		{"an element of a map that is replaced", accepted, `func (t *T) F() map[string][]int { r := map[string][]int{}; for k, v := range t.ml { r[k] = v; r[k] = slices.Clone(r[k]) }; return r }`},
		{"another element that is replaced", refused, `func (t *T) F(j int) [][]int { r := make([][]int, len(t.ll)); for i, x := range t.ll { r[i] = x; r[j] = nil }; return r }`},
		{"an appended element that is replaced", warned, `func (t *T) F() (r [][]int) { for _, x := range t.ll { r = append(r, x); r[len(r)-1] = slices.Clone(x) }; return r }`},
		{"a method that copies a struct", accepted, `func (s S) clone() S { s.list = slices.Clone(s.list); return s }
			func (t *T) F() (r []S) { for _, s := range t.ss { r = append(r, s.clone()) }; return r }`},
		{"a method that copies behind a pointer", accepted, `func (s *S) clone() *S { c := *s; c.list = slices.Clone(s.list); return &c }
			func (t *T) F() *S { return t.s.clone() }`},

		// Copied by functions.
		{"slices.Clone", accepted, `func (t *T) F() []int { return slices.Clone(t.l) }`},
		{"slices.Clone of slices", refused, `func (t *T) F() [][]int { return slices.Clone(t.ll) }`},
		{"slices.Clone of structs that share", refused, `func (t *T) F() []S { return slices.Clone(t.ss) }`},
		{"slices.Clone of pointers", warned, `func (t *T) F() []*U { return slices.Clone(t.us) }`},
		{"slices.Concat of slices", refused, `func (t *T) F() [][]int { return slices.Concat(t.ll, nil) }`},
		{"slices.Collect of maps.Keys", accepted, `func (t *T) F() []string { return slices.Sorted(maps.Keys(t.m)) }`},
		{"slices.Collect of maps.Values", accepted, `func (t *T) F() []int { return slices.Collect(maps.Values(t.m)) }`},
		{"slices.Collect of values that share", refused, `func (t *T) F() [][]int { return slices.Collect(maps.Values(t.ml)) }`},
		{"slices.SortedFunc of structs that share", refused, `func (t *T) F() []S { return slices.SortedFunc(maps.Values(t.ms), func(a, b S) int { return a.n - b.n }) }`},
		{"slices.AppendSeq", refused, `func (t *T) F() [][]int { return slices.AppendSeq([][]int{}, slices.Values(t.ll)) }`},
		{"slices.Delete", refused, `func (t *T) F() []int { return slices.Delete(t.l, 0, 1) }`},
		{"slices.DeleteFunc of a copy", accepted, `func (t *T) F() []int { return slices.DeleteFunc(slices.Clone(t.l), func(n int) bool { return n > 1 }) }`},
		{"slices.Chunk", refused, `func (t *T) F() [][]int { return slices.Collect(slices.Chunk(t.l, 2)) }`},
		{"maps.Clone", accepted, `func (t *T) F() map[string]int { return maps.Clone(t.m) }`},
		{"maps.Clone of slices", refused, `func (t *T) F() map[string][]int { return maps.Clone(t.ml) }`},
		{"maps.Clone of pointers", warned, `func (t *T) F() map[string]*U { return maps.Clone(t.mu) }`},
		{"maps.Copy", accepted, `func (t *T) F() map[string]int { r := map[string]int{}; maps.Copy(r, t.m); return r }`},
		{"maps.Copy of slices", refused, `func (t *T) F() map[string][]int { r := map[string][]int{}; maps.Copy(r, t.ml); return r }`},
		{"maps.Collect", refused, `func (t *T) F() map[string][]int { return maps.Collect(maps.All(t.ml)) }`},
		{"copy", accepted, `func (t *T) F() []int { r := make([]int, len(t.l)); copy(r, t.l); return r }`},
		{"copy of slices", refused, `func (t *T) F() [][]int { r := make([][]int, len(t.ll)); copy(r, t.ll); return r }`},
		{"copy of structs that share", refused, `func (t *T) F() []S { r := make([]S, len(t.ss)); copy(r, t.ss); return r }`},
		{"a sorted copy", accepted, `func (t *T) F() []int { r := slices.Clone(t.l); slices.Sort(r); return r }`},
		{"a part of bytes", refused, `type G struct { b []byte }
			func (g *G) F() []byte { return bytes.TrimSpace(g.b) }`},
		{"fields of bytes", refused, `type G struct { b []byte }
			func (g *G) F() [][]byte { return bytes.Fields(g.b) }`},
		{"bytes of a string", accepted, `func (t *T) F() []byte { return []byte(t.u.name) }`},
		{"fields of a string", accepted, `func (t *T) F() []string { return strings.Fields(t.u.name) }`},

		// Copies whose elements are copied afterwards.
		{"a deep copy", accepted, `func (t *T) F() [][]int { r := slices.Clone(t.ll); for i := range r { r[i] = slices.Clone(r[i]) }; return r }`},
		{"a deep copy by value", accepted, `func (t *T) F() [][]int { r := slices.Clone(t.ll); for i, x := range r { r[i] = slices.Clone(x) }; return r }`},
		{"a deep copy by counting", accepted, `func (t *T) F() [][]int { r := slices.Clone(t.ll); for i := 0; i < len(r); i++ { r[i] = slices.Clone(r[i]) }; return r }`},
		{"a deep copy of a map", accepted, `func (t *T) F() map[string][]int { r := maps.Clone(t.ml); for k, v := range r { r[k] = slices.Clone(v) }; return r }`},
		{"a deep copy of structs", accepted, `func (t *T) F() []S { r := slices.Clone(t.ss); for i := range r { r[i].list = slices.Clone(r[i].list) }; return r }`},
		{"a deep copy of some", warned, `func (t *T) F() [][]int { r := slices.Clone(t.ll); for i := range r { if i > 0 { r[i] = slices.Clone(r[i]) } }; return r }`},
		{"a deep copy that ends early", warned, `func (t *T) F() [][]int { r := slices.Clone(t.ll); for i := range r { if i > 3 { break }; r[i] = slices.Clone(r[i]) }; return r }`},
		{"a deep copy of another index", warned, `func (t *T) F() [][]int { r := slices.Clone(t.ll); for i := range r { r[i/2] = slices.Clone(r[i]) }; return r }`},
		{"a deep copy of an array", accepted, `func (t *T) F() [2][]int { r := t.al; for i := range r { r[i] = slices.Clone(r[i]) }; return r }`},
	})
}
