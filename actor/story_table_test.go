package actor_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// change is what a step of a story does to the state of the service.
type change struct {
	from, to actor.State
	event    string // the step
	by       string // what serves the service
}

// tableRow is one of the table of states, with one of its events.
type tableRow struct{ state, event, next string }

// tableRows reads the table from the comment in state.go: it is the one in docs/design.rst,
// too, as a test of the root says.
func tableRows(t *testing.T) (rows []tableRow) {
	text, err := os.ReadFile("state.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "//\tstate     event")
	columns := regexp.MustCompile(`  +`)
	for i, line := range strings.Split(table, "\n") {
		line, ok := strings.CutPrefix(line, "//\t")
		if !ok && i > 0 {
			break
		}
		if i == 0 {
			continue
		}
		c := columns.Split(line, -1)
		next := c[2]
		if text, ok := strings.CutPrefix(next, "("); ok { // what follows, does later
			next, _, _ = strings.Cut(text, ";")
		}
		for event := range strings.SplitSeq(strings.ReplaceAll(c[1], ", or a ", ", "), ", ") {
			rows = append(rows, tableRow{c[0], event, next})
			if strings.Contains(line, "ended if Stop was called") {
				rows = append(rows, tableRow{c[0], event, "ended"})
			}
		}
	}
	return rows
}

// events says by which steps an event of the table comes. Those of "incarnation over" need
// what serves the service besides.
var events = map[string][]string{
	"Serve":                                  {"serve"},
	"Abandon":                                {"abandon"},
	"Stop":                                   {"stop"},
	"Kill":                                   {"kill"},
	"CutOff":                                 {"cut"},
	"CutOff to go on":                        {"cut on"},
	"the context of Serve ends with Restart": {"restart"},
	"the context of Serve ends otherwise":    {"end"},
	"all has run":                            {"return"},
	"crash":                                  {"crash", "goexit"},
	"time over":                              {"advance"},
	"incarnation over":                       {"crash", "goexit", "exit", "fail"},
	"anything":                               {"serve", "stop", "kill", "abandon", "cut", "cut on"},
}

func (r tableRow) is(c change) bool {
	event, by, over := strings.Cut(r.event, "; ")
	return r.state == c.from.String() && r.next == c.to.String() &&
		slices.Contains(events[event], c.event) && (!over || by == c.by)
}

// Every row of the table of states occurs in a story: testdata/states.table says in which.
func TestSTATERowsAreTold(t *testing.T) {
	const file = "testdata/states.table"
	rows := tableRows(t)
	if len(rows) < 20 {
		t.Fatalf("the table has only %d rows: %v", len(rows), rows)
	}
	in := make(map[tableRow][]string)
	for name, path := range storyFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, changes := tellStory(t, string(text))
		for _, r := range rows {
			if slices.ContainsFunc(changes, r.is) {
				in[r] = append(in[r], name)
			}
		}
	}
	var b strings.Builder
	b.WriteString("# Which story tells a row of the table of states (state.go); see TestSTATERowsAreTold.\n\n")
	for _, r := range rows {
		if len(in[r]) == 0 {
			t.Errorf("no story tells how a service that is %s becomes %s: %s", r.state, r.next, r.event)
		}
		slices.Sort(in[r])
		fmt.Fprintf(&b, "%-9s %-45s %-9s %s\n", r.state, r.event, r.next, strings.Join(in[r], ", "))
	}
	want, err := os.ReadFile(file)
	switch {
	case *rewrite:
		err = os.WriteFile(file, []byte(b.String()), 0o644)
	case err == nil && string(want) != b.String():
		err = fmt.Errorf("%s is not what is told; go test -run Row ./actor -rewrite:\n%s", file, firstDifference(string(want), b.String()))
	}
	if err != nil {
		t.Error(err)
	}
}
