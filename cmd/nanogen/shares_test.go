package main

import (
	"go/token"
	"slices"
	"strings"
	"testing"
)

// What is shared with callers of this process must not be for those of others: the service
// writes it while it is read to be sent. A row is told by the beginnings of what is said.
func TestSharesWithRemote(t *testing.T) {
	t.Parallel()
	imports := world(t)
	const (
		sure    = "M() []int { return t.list }"
		doubted = "M() *T { return t.next[0] }"
		copied  = "M() []int { return append([]int(nil), t.list...) }"

		said      = "refused: returns t.list, with -remote: //nano:shares is for callers of this process"
		both      = "warned: warning: its caller may get a part of the service's state as *T; if not, say //nano:shares; if that is meant, //nano:local as well"
		unsaid    = "refused: returns t.list: its caller would use the service's state beside the service; return a copy, or say //nano:shares"
		undoubted = "warned: warning: its caller may get a part of the service's state as *T; if not, or if that is meant, say //nano:shares"
	)
	for _, row := range []struct {
		remotes          bool
		directives, body string
		want             []string
	}{
		{true, "", copied, nil},
		{true, "", sure, []string{unsaid + " and //nano:local"}},
		{true, "//nano:shares\n", sure, []string{said}},
		{true, "//nano:shares\n//nano:local\n", sure, nil},
		{true, "//nano:shares\n//nano:future\n", sure, nil},
		{true, "//nano:local\n", sure, []string{unsaid}},
		{true, "", doubted, []string{both}},
		{true, "//nano:shares\n", doubted, nil},
		{true, "//nano:shares\n//nano:local\n", doubted, nil},
		{true, "//nano:local\n", doubted, []string{undoubted}},
		{false, "", sure, []string{unsaid}},
		{false, "//nano:shares\n", sure, nil},
		{false, "", doubted, []string{undoubted}},
	} {
		s := &source{fset: token.NewFileSet()}
		s.add(t, "t.go", "package p\n\ntype T struct{ list []int; next []*T; N int }\n\nfunc NewT() *T { return nil }\n\n"+
			"func (t *T) Other() {}\n\n"+row.directives+"func (t *T) "+row.body+"\n")
		s.check("example.com/p", "go1.26", imports)
		p := &place{name: "p", path: "example.com/p", same: true, declared: map[string]token.Position{}}
		m := &modeler{source: s, place: p, found: &findings{}, remotes: row.remotes}
		m.services([]string{"T"})
		var got []string
		for _, r := range m.found.refusals {
			if !strings.Contains(r.reason, "not exported") { // *T itself does not cross
				got = append(got, "refused: "+r.reason)
			}
		}
		for _, w := range m.found.warnings {
			got = append(got, "warned: "+w.reason)
		}
		if !slices.EqualFunc(got, row.want, strings.HasPrefix) {
			t.Errorf("-remote %v\n%s%s\n got %q\nwant %q", row.remotes, row.directives, row.body, got, row.want)
		}
	}
}
