// Command foreign checks where the library asks the values of its users anything.
//
//	go -C internal/tools run ./foreign            check; what check.sh does
//	go -C internal/tools run ./foreign -list      all places, in the form of the table
//
// A place is a function of packages actor, actor/topic, mailbox and supervisor, of one below
// supervisor, or of one below internal which they use, with what it asks there: a method of an error, a context.Context, a
// slog.Handler, slog.LogValuer or slog.Leveler, a fmt.Stringer, or one of the optional
// methods of a child, called or taken as a value; or errors.Is, As, AsType and Join,
// context.Cause and AfterFunc, and a function of package fmt that is given an error.
// Package internal/foreign, through which such values are asked with recover and within
// bounds, is left out, and so are tests.
//
// places.txt has a place on a line, and behind it who may be harmed there, so that law L17
// holds: the tests that walk it with values that misbehave, or "caller", for what is asked on
// the goroutine that brought the value, with nothing locked, or "own", for what is the
// library's value there or was kept before. The exit status is 1 if a place is not in the
// table, or is there and nowhere else, or names a test that does not exist; and 2 if the
// packages cannot be read.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	list := flag.Bool("list", false, "print all places, in the form of the table")
	flag.Parse()
	root, err := filepath.Abs(filepath.Join("..", "..")) // from internal/tools
	if err != nil {
		fail(err)
	}
	places, err := find(root, "./actor", "./actor/topic", "./mailbox", "./supervisor/...", "./internal/...")
	if err != nil {
		fail(err)
	}
	file := filepath.Join("foreign", "places.txt")
	text, err := os.ReadFile(file)
	if err != nil && !*list {
		fail(err)
	}
	table := parse(string(text))
	if *list {
		for _, p := range places {
			fmt.Printf("%s: %s\n", p, table[p])
		}
		return
	}
	tests, err := testNames(root)
	if err != nil {
		fail(err)
	}
	faults := compare(places, table, tests)
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
func compare(places []string, table map[string]string, tests map[string]bool) (faults []string) {
	for _, p := range places {
		who, ok := table[p]
		if !ok {
			faults = append(faults, p+": is not in places.txt: may a value of the user's harm anything there?")
			continue
		}
		for word := range strings.FieldsSeq(who) {
			if word != "caller" && word != "own" && !tests[word] {
				faults = append(faults, p+": there is no test "+word)
			}
		}
		if strings.TrimSpace(who) == "" {
			faults = append(faults, p+": nothing says who may be harmed")
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

// testNames returns the names of the tests of the packages.
func testNames(root string) (map[string]bool, error) {
	names := map[string]bool{}
	for _, pattern := range []string{"actor/*_test.go", "actor/*/*_test.go", "mailbox/*_test.go", "supervisor/*_test.go", "supervisor/*/*_test.go", "internal/*/*_test.go"} {
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
				names[string(m[1])] = true
			}
		}
	}
	return names, nil
}
