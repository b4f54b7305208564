package nanoservices_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// laws are those that the guarantees speak of.
var laws = []string{"L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "L11", "L12", "L13", "L14", "L15", "L16", "L17"}

func TestGuaranteesHaveEveryLawAndItsTests(t *testing.T) {
	text := read(t, "docs/guarantees.rst")
	exist := testNames(t)
	for _, law := range laws {
		section := regexp.MustCompile(`(?m)^` + law + `: [^\n]+\n~{4,}$`)
		if n := len(section.FindAllString(text, -1)); n != 1 {
			t.Errorf("docs/guarantees.rst has %d sections on %s", n, law)
		}
		name := regexp.MustCompile(`^Test` + law + `[A-Z]`) // as the page says how to find them
		if !slices.ContainsFunc(exist, name.MatchString) {
			t.Errorf("no test shows %s", law)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^(L\d+): `).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(laws, m[1]) {
			t.Errorf("docs/guarantees.rst has %s, and this test does not", m[1])
		}
	}
}

// A name of a test in the documents is that of a test.
func TestDocsNameTestsThatExist(t *testing.T) {
	exist := testNames(t)
	named := regexp.MustCompile("``(Test[A-Z]\\w*)``")
	found := 0
	for _, file := range rstFiles(t) {
		if file == "CHANGELOG.rst" { // what was
			continue
		}
		for _, m := range named.FindAllStringSubmatch(read(t, file), -1) {
			found++
			if !slices.Contains(exist, m[1]) {
				t.Errorf("%s: there is no %s", file, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no document names a test")
	}
}

var (
	decision = regexp.MustCompile(`(?m)^\.\. \[D(\d+)\] 20\d\d-\d\d-\d\d: \S.*\n\n   \S`)
	numbered = regexp.MustCompile(`(?m)^\.\. \[`)
	refers   = regexp.MustCompile(`<decisions\.rst#d(\d+)>`)
)

// Each decision has a number, once, and a date; and a page refers to it. (That what is
// referred to is there is seen by TestLinksToFilesLead.)
func TestDecisionsAreNumberedAndDated(t *testing.T) {
	text := read(t, "docs/decisions.rst")
	var numbers []int
	for _, m := range decision.FindAllStringSubmatch(text, -1) {
		numbers = append(numbers, number(t, m[1]))
	}
	if all := len(numbered.FindAllString(text, -1)); all != len(numbers) {
		t.Errorf("%d of %d decisions have a number, a date, a title and a text", len(numbers), all)
	}
	var referred []int
	for _, file := range rstFiles(t) {
		for _, m := range refers.FindAllStringSubmatch(read(t, file), -1) {
			referred = append(referred, number(t, m[1]))
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != i+1 {
			t.Fatalf("decision %d is missing, or there is one twice: %v", i+1, numbers)
		}
		if !slices.Contains(referred, n) {
			t.Errorf("no page refers to D%d", n)
		}
	}
	if len(numbers) == 0 {
		t.Error("no decisions")
	}
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// testNames returns the names of all tests of the repository, sorted.
func testNames(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 1 && d.Name()[0] == '.'):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names = append(names, f.Name.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var goFiles = regexp.MustCompile(`\b\w+\.go\b`)

// The order in which to read package actor is one, and its files are there.
func TestReadingOrder(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, "actor/doc.go"), "\n# The code\n")
	inDoc := goFiles.FindAllString(rest, -1)
	var inDesign []string
	for _, m := range regexp.MustCompile("(?m)^``(\\w+\\.go)`` ").FindAllStringSubmatch(read(t, "docs/design.rst"), -1) {
		inDesign = append(inDesign, m[1])
	}
	if len(inDoc) == 0 || !slices.Equal(inDoc, inDesign) {
		t.Errorf("actor/doc.go has %v\nand docs/design.rst %v", inDoc, inDesign)
	}
	for _, name := range inDoc {
		if _, err := os.Stat(filepath.Join("actor", name)); err != nil {
			t.Error(err)
		}
	}
}

// A page that is longer is not read.
func TestPackageCommentIsShort(t *testing.T) {
	if n := strings.Count(read(t, "actor/doc.go"), "\n"); n >= 400 {
		t.Errorf("actor/doc.go has %d lines", n)
	}
}
