package checks

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/bruskajp/nano_services/internal/seam"
)

// The table of which states, phases, turns and replies there are together, as it stands
// above phase in package actor, and how often each of its rows was seen.
type insideTable struct {
	mu   sync.Mutex
	rows map[seam.Inside]int
}

var betweenColumns = regexp.MustCompile(`\s{2,}`)

func readInsideTable(t *testing.T) *insideTable {
	t.Helper()
	table := &insideTable{rows: map[seam.Inside]int{}}
	files, _ := filepath.Glob("../../actor/*.go")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		table.read(t, string(text))
	}
	if len(table.rows) == 0 {
		t.Fatal("no table")
	}
	return table
}

// read adds the rows of the table if the text has it.
func (table *insideTable) read(t *testing.T, text string) {
	t.Helper()
	inTable := false
	for line := range strings.Lines(text) {
		line, comment := strings.CutPrefix(strings.TrimSpace(line), "//\t")
		columns := betweenColumns.Split(line, -1)
		switch {
		case !comment:
			inTable = false
		case len(columns) == 5 && strings.Join(columns[:4], " ") == "state phase turn reply":
			inTable = true
		case inTable && len(columns) == 5:
			for state := range strings.SplitSeq(columns[0], ", ") {
				table.rows[seam.Inside{State: state, Phase: columns[1], Turn: columns[2], Reply: columns[3]}] = 0
			}
		case inTable:
			t.Fatalf("not a row of five columns: %q", line)
		}
	}
}

// has reports whether there is such a row, and counts it.
func (table *insideTable) has(i seam.Inside) bool {
	table.mu.Lock()
	defer table.mu.Unlock()
	n, ok := table.rows[i]
	if ok {
		table.rows[i] = n + 1
	}
	return ok
}

// Whatever happens to a service, and wherever one looks from, what it is doing is a row of
// the table; and each row is there for something.
func TestSTATEInsideIsInTheTable(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		defer f.Value.Set(f.DefValue)
		f.Value.Set("3000")
	}
	table := readInsideTable(t)
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			h := &insideHistory{t: t, table: table}
			defer h.end() // also of a history that is broken off
			h.begin()
			for range rapid.IntRange(1, 60).Draw(t, "length") {
				h.act()
				h.settled()
			}
			h.end()
			h.ended()
		})
	})
	for row, n := range table.rows {
		// Between a call's turn and its beginning no code of the user's runs: only a look from
		// another thread may come just then.
		if n == 0 && row.Reply != "queued" {
			t.Errorf("never seen: %v", row)
		}
		t.Logf("%8d %v", n, row)
	}
}
