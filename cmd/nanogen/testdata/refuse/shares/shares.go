package shares

import (
	"iter"
	"slices"
	"sort"
)

//go:generate go tool nanogen -type State

type inner struct{ list []int }

type State struct {
	n      int
	list   []string
	lists  map[string][]int
	byID   map[int]string
	f      func()
	array  [3]int
	arrays [2][3]int
	inner  inner
	base
	structs []inner
}

type base struct{ names sort.StringSlice }

// Names comes with an embedded struct of the package.
func (b *base) Names() sort.StringSlice { return b.names }

func NewState() *State { return &State{} }

func (s *State) Itself() *State { return s }

func (s *State) AsInterface() any { return s }

func (s *State) Address() (*int, error) { return &s.n, nil }

func (s *State) Element() *int { return &s.array[1] }

func (s *State) ElementOfSlice() *inner { return &s.structs[0] }

func (s *State) Slice() ([]string, error) {
	if s.n == 0 {
		return nil, nil
	}
	return (s.list), nil
}

func (s *State) Part() []string { return s.list[:s.n] }

func (s *State) Array() []int { return s.array[:] }

func (s *State) Map() map[int]string { return s.byID }

func (s *State) Function() func() { return s.f }

func (s *State) Inner() []int { return s.inner.list }

func (s *State) InMap(key string) []int { return s.lists[key] }

func (s *State) Converted() sort.StringSlice { return sort.StringSlice(s.list) }

func (s *State) Variable() []string {
	list := s.list
	return list[1:]
}

func (s *State) Shortened() []string {
	list := s.list
	list = list[1:]
	use(list)
	return list
}

func use([]string) {}

func (s *State) MadeAtFirst() []string {
	if s.list == nil {
		s.list = []string{}
	}
	return s.list
}

func (s *State) MadeBefore() map[int]string {
	if s.byID == nil {
		s.byID = map[int]string{}
	}
	byID := s.byID
	byID[s.n] += ""
	return byID
}

func (s *State) Grown() []string {
	s.list = append(s.list, "")
	list := s.list
	return list
}

func (s *State) Kept() []string {
	list := s.list
	s.list = list[1:]
	return list
}

func (s *State) Found(key string) ([]int, bool) {
	list, ok := s.lists[key]
	return list, ok
}

func (s *State) Naked() (list []string, err error) {
	list = s.list
	return
}

func (s *State) Closure() func() int { return func() int { return s.n } }

func (s *State) MethodValue() func() []string { return s.Variable }

type snapshot struct {
	n    int
	list []string
}

func (s *State) InAStruct() snapshot { return snapshot{s.n, s.list} }

func (s *State) InAPointer() (*snapshot, error) { return &snapshot{list: s.list}, nil }

func (s *State) ArrayPointer() *[3]string { return (*[3]string)(s.list) }

func (s *State) Filled() *snapshot {
	all := &snapshot{n: s.n}
	all.list = s.list
	return all
}

func (s *State) FilledMap() map[string][]string {
	all := map[string][]string{}
	all["list"] = s.list
	return all
}

func (s *State) Appended() (all [][]string) {
	all = append(all, s.list)
	return all
}

func (s *State) Copy() inner { return s.inner }

func (s *State) CopyOfElement(i int) (inner, error) { return s.structs[i], nil }

func (s *State) CopyOfAll() State { return *s }

func (s *State) CopyInAStruct() *[1]base { return &[1]base{s.base} }

// pointer is another name of a receiver's type.
type pointer = *State

func (s pointer) ByAlias() any { return s }

func (s *State) Async() {}

//nano:future
func (s *State) Future() []string { return s.list }

// Nobody gets what this returns.
//
//nano:async
func (s *State) Dropped() []string { return s.list }

// ByValue has a copy of the struct, and shares what that refers to.
func (s State) ByValue() []string { return s.list }

// Method is what another method returns.
func (s *State) Method() []string { return s.get() }

func (s *State) get() []string { return s.list }

func (s *State) TwoValues(i int) (inner, bool) {
	all := map[int]inner{i: s.inner}
	one, ok := all[i]
	return one, ok
}

func (s *State) NakedCopy() (in inner) {
	in = s.inner
	return
}

func (s *State) CopyByPointer() *State {
	c := new(State)
	*c = *s
	return c
}

func (s *State) Elements() (all []inner) {
	for _, in := range s.structs {
		if len(in.list) > 0 {
			all = append(all, in)
		}
	}
	return all
}

func (s *State) ElementsOfMap() map[string][]int {
	all := map[string][]int{}
	for key, list := range s.lists {
		all[key] = list
	}
	return all
}

func (s *State) Cloned() []inner { return slices.Clone(s.structs) }

func (s *State) View() view { return view{of: s} }

type view struct{ of *State }

func (s *State) Iterator() iter.Seq[string] { return slices.Values(s.list) }

// CopyAddress is that of the copy.
func (s State) CopyAddress() *int { return &s.n }
