// Command foreign checks where the library asks the values of its users anything.
//
//	go -C internal/tools run ./foreign            check; what check.sh does
//	go -C internal/tools run ./foreign -reach     run the tests, too; what check.sh -long does
//	go -C internal/tools run ./foreign -list      all places, in the form of the table
//
// A place is a function of packages actor, actor/topic, mailbox and supervisor, of one below
// supervisor, or of one below internal which they use, with what it asks there: a method of an
// error, a context.Context, a slog.Handler, slog.LogValuer or slog.Leveler, a fmt.Stringer, a
// net.Listener, net.Conn or net.Addr, or one of the optional methods of a child, called or taken
// as a value; or a function that asks
// what it is given (package fmt but for %T, errors.Is, context.WithCancel and others) with a
// value that may be the user's, as that of any interface may. Package internal/foreign, through
// which such values are asked with recover and within bounds, is left out, and so are tests. What
// other modules call of what they are given is not seen: net/http asks connections itself.
//
// places.txt has a place on a line, and behind it what its head says. The exit status is 1 if
// a place is not in the table, or is there and nowhere else, or names no test, or one that
// does not exist; with -reach also if a test fails, or does not reach a place that names it, or
// if nothing that is named reaches a line of the place; and 2 if the packages cannot be read.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A part is packages of one module, by patterns for the go command.
type part struct {
	dir      string // of the module, from the root of the repository
	patterns []string
}

// searched are the packages whose values come from their users. Not package sim, which is a
// test's own. The module that is the whole repository comes last.
var searched = []part{
	{"supervisor/remote", []string{".", "./embedded", "./internal/aside"}},
	{"", []string{
		"./actor", "./actor/topic", "./mailbox", "./supervisor", "./supervisor/pool", "./supervisor/httpserver",
		"./supervisor/observer", "./internal/...",
	}},
}

// partOf returns the one that the package in a folder belongs to.
func partOf(dir string) part {
	i := slices.IndexFunc(searched, func(p part) bool { return p.dir == "" || dir == p.dir || strings.HasPrefix(dir, p.dir+"/") })
	return searched[i]
}

// findAll returns the places of all parts.
func findAll(root string) (places, error) {
	all := places{}
	for _, p := range searched {
		found, err := find(filepath.Join(root, p.dir), p.patterns...)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, found)
	}
	return all, nil
}

func main() {
	list := flag.Bool("list", false, "print all places, in the form of the table")
	reach := flag.Bool("reach", false, "run the tests that the table names, and see what each reaches")
	flag.Parse()
	root, err := filepath.Abs(filepath.Join("..", "..")) // from internal/tools
	if err != nil {
		fail(err)
	}
	found, err := findAll(root)
	if err != nil {
		fail(err)
	}
	places := slices.Sorted(maps.Keys(found))
	file := filepath.Join("foreign", "places.txt")
	text, err := os.ReadFile(file)
	if err != nil && !*list {
		fail(err)
	}
	table := parse(string(text))
	if *list {
		for _, p := range places {
			for _, at := range found[p] {
				fmt.Printf("# %s:%d\n", strings.TrimPrefix(at.Filename, root+"/"), at.Line)
			}
			fmt.Printf("%s: %s\n", p, table[p])
		}
		return
	}
	tests, err := testNames(root)
	if err != nil {
		fail(err)
	}
	faults := compare(places, table, tests)
	if *reach {
		missed, err := unreached(root, found, table, tests)
		if err != nil {
			fail(err)
		}
		faults = append(faults, missed...)
	}
	for _, f := range faults {
		fmt.Println(f)
	}
	fmt.Printf("foreign: %d places, %d faults\n", len(places), len(faults))
	if len(faults) > 0 {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "foreign:", err)
	os.Exit(2)
}

// parse reads the table: a place, a colon and a blank, and who may be harmed.
func parse(text string) map[string]string {
	table := map[string]string{}
	for line := range strings.Lines(text) {
		place, who, ok := strings.Cut(line, ": ")
		if ok && !strings.HasPrefix(place, "#") {
			table[place] = strings.TrimSpace(who)
		}
	}
	return table
}

// compare returns what is wrong with the table.
func compare(places []string, table map[string]string, tests map[string]string) (faults []string) {
	for _, p := range places {
		who, ok := table[p]
		if !ok {
			faults = append(faults, p+": is not in places.txt: may a value of the user's harm anything there?")
			continue
		}
		named := false
		for word := range strings.FieldsSeq(who) {
			if word == "caller" || word == "own" {
				continue
			}
			if named = true; tests[word] == "" {
				faults = append(faults, p+": there is no test "+word)
			}
		}
		if !named {
			faults = append(faults, p+": names no test")
		}
	}
	for p := range table {
		if !slices.Contains(places, p) {
			faults = append(faults, p+": is in places.txt, and asks nothing")
		}
	}
	slices.Sort(faults)
	return faults
}

var testName = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testNames returns the tests of the packages, and the folder of each.
func testNames(root string) (map[string]string, error) {
	names := map[string]string{}
	for _, pattern := range []string{"actor/*_test.go", "actor/*/*_test.go", "mailbox/*_test.go", "supervisor/*_test.go", "supervisor/*/*_test.go",
		"supervisor/remote/*/*_test.go", "supervisor/remote/internal/*/*_test.go", "internal/*/*_test.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			for _, m := range testName.FindAllSubmatch(text, -1) {
				names[string(m[1])], _ = filepath.Rel(root, filepath.Dir(file))
			}
		}
	}
	return names, nil
}
