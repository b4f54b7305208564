package nanoservices_test

import (
	"flag"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The texts and the code cannot drift apart: what the texts show is in compiled
// examples, whose output go test compares, and names that they mention exist.

// lines returns text line by line, without indentation and empty lines.
func lines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			// gofmt aligns what stands together, and what stands together differs.
			all = append(all, strings.Join(strings.Fields(line), " "))
		}
	}
	return all
}

// contains reports whether part is somewhere in whole, without a gap.
func contains(whole, part []string) bool {
	for i := range whole {
		if len(whole)-i >= len(part) && slices.Equal(whole[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// example is a file with examples: its code, and the output of each example.
type example struct {
	code    []string
	outputs [][]string
}

func examples(t *testing.T, dirs ...string) (all []example) {
	t.Helper()
	for _, dir := range dirs {
		pattern := "example*_test.go"
		if strings.HasPrefix(dir, "examples/") || strings.HasPrefix(dir, "cmd/") { // all of it is an example
			pattern = "*.go"
		}
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(files) == 0 {
			t.Fatalf("no examples in %s", dir)
		}
		for _, file := range files {
			all = append(all, readExample(t, file))
		}
	}
	return all
}

var outputComment = regexp.MustCompile(`(?i)^\s*output:`)

func readExample(t *testing.T, file string) (e example) {
	t.Helper()
	text := read(t, file)
	f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	e.code = lines(text)
	for _, c := range f.Comments {
		if at := outputComment.FindString(c.Text()); at != "" {
			e.outputs = append(e.outputs, lines(strings.TrimPrefix(c.Text(), at)))
		}
	}
	return e
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkBlocks demands that each block is code of an example, or else, after such
// code, a part of what that example's file prints.
func checkBlocks(t *testing.T, file string, blocks []string, known []example) {
	t.Helper()
	var latest []example // those that have the latest code
	for _, block := range blocks {
		part := lines(block)
		var found []example
		for _, e := range known {
			if contains(e.code, part) {
				found = append(found, e)
			}
		}
		printed := func(e example) bool {
			return slices.ContainsFunc(e.outputs, func(out []string) bool { return contains(out, part) })
		}
		switch {
		case found != nil:
			latest = found
		case slices.ContainsFunc(latest, printed):
		default:
			t.Errorf("%s: neither code of an example nor what the one before prints:\n%s", file, block)
		}
	}
}

func TestPackageCommentsAreCompiledExamples(t *testing.T) {
	for _, row := range []struct{ file, examples string }{
		{"doc.go", "."},
		{"actor/doc.go", "actor"},
		{"actor/topic/doc.go", "actor/topic"},
		{"supervisor/pool/doc.go", "supervisor/pool"},
	} {
		blocks := commentBlocks(t, row.file)
		if len(blocks) == 0 {
			t.Errorf("no snippets in %s", row.file)
		}
		checkBlocks(t, row.file, blocks, examples(t, row.examples))
	}
}

func commentBlocks(t *testing.T, file string) (blocks []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range new(comment.Parser).Parse(f.Doc.Text()).Content {
		if c, ok := b.(*comment.Code); ok {
			blocks = append(blocks, c.Text)
		}
	}
	return blocks
}

// rstBlocks returns the literal blocks of a text: those of Go, and others.
func rstBlocks(text string) (code, literal []string) {
	all := strings.Split(text, "\n")
	for i, line := range all {
		isCode := strings.TrimSpace(line) == ".. code-block:: go"
		if !isCode && (!strings.HasSuffix(line, "::") || strings.HasPrefix(strings.TrimSpace(line), "..")) {
			continue
		}
		var block []string
		for _, next := range all[i+1:] {
			if next != "" && !strings.HasPrefix(next, " ") {
				break
			}
			block = append(block, next)
		}
		if isCode {
			code = append(code, strings.Join(block, "\n"))
		} else {
			literal = append(literal, strings.Join(block, "\n"))
		}
	}
	return code, literal
}

func TestReadmeProgramIsTheExample(t *testing.T) {
	code, literal := rstBlocks(read(t, "README.rst"))
	if len(code) == 0 || len(literal) == 0 {
		t.Fatal("README.rst has no program, or no output")
	}
	e := readExample(t, "example_test.go")
	if len(e.outputs) != 1 {
		t.Fatalf("example_test.go has %d outputs", len(e.outputs))
	}
	var program []string
	for _, line := range e.code {
		switch line {
		case "package nanoservices_test":
			line = "package main"
		case "func Example() {":
			line = "func main() {"
		}
		if !strings.HasPrefix(line, "// Output:") {
			program = append(program, line)
			continue
		}
		program = append(program, "}")
		break
	}
	if got := lines(code[0]); !slices.Equal(got, program) {
		t.Errorf("README.rst has\n%s\nand example_test.go\n%s", strings.Join(got, "\n"), strings.Join(program, "\n"))
	}
	if got := lines(literal[0]); !slices.Equal(got, e.outputs[0]) {
		t.Errorf("README.rst says that it prints %q, and it prints %q", got, e.outputs[0])
	}
	checkBlocks(t, "README.rst", code[1:], examples(t, ".", "actor", "actor/topic", "supervisor", "supervisor/observer", "supervisor/pool", "examples/bank", "examples/recipes"))
}

func TestDocsShowCompiledCode(t *testing.T) {
	for _, file := range rstFiles(t) {
		code, _ := rstBlocks(read(t, file))
		if file != "README.rst" {
			checkBlocks(t, file, code, examples(t, ".", "actor", "actor/topic", "supervisor", "supervisor/observer", "supervisor/pool", "examples/bank", "examples/recipes", "examples/ledger/internal/store", "examples/ledger/internal/accounts", "examples/ledger/internal/app", "cmd/nanogen/testdata/run"))
		}
	}
}

// The tables of docs/design.rst are those of the comments in the code.
func TestDesignHasTheTablesOfTheCode(t *testing.T) {
	_, tables := rstBlocks(read(t, "docs/design.rst"))
	files, _ := filepath.Glob("actor/*.go")
	more, _ := filepath.Glob("mailbox/*.go")
	for _, table := range tables {
		inCode := func(file string) bool {
			return contains(lines(strings.ReplaceAll(read(t, file), "//", "")), lines(table))
		}
		if !slices.ContainsFunc(append(files, more...), inCode) {
			t.Errorf("no such table in the code:\n%s", table)
		}
	}
}

// rstFiles are the texts that this test is about.
func rstFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("docs/*.rst")
	if err != nil || len(files) == 0 {
		t.Fatal("no docs", err)
	}
	return append(files, "README.rst", "CHANGELOG.rst")
}

var rewrite = flag.Bool("rewrite", false, "renew the names of tests in docs/guarantees.rst")

// laws are those that the guarantees speak of.
var laws = []string{"L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "L11", "L12", "L13", "L14", "L15", "L16", "L17"}

func TestGuaranteesNameEveryLawAndTestsThatExist(t *testing.T) {
	const file = "docs/guarantees.rst"
	text := read(t, file)
	exist := testNames(t)
	if *rewrite {
		text = nameTests(text, exist)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, law := range laws {
		section := sectionOf(law).FindString(text)
		if section == "" {
			t.Errorf("no section on %s, with its tests", law)
		}
		if len(testsOf(law, exist)) > 0 && !strings.Contains(section, "``Test"+law) {
			t.Errorf("no test of %s is named, and there are some: go test -run Guarantees -rewrite", law)
		}
	}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w*`).FindAllString(text, -1) {
		if !slices.Contains(exist, name) && !strings.Contains(text, "'^"+name) {
			t.Errorf("there is no %s", name)
		}
	}
}

// sectionOf matches the section on a law, from its title to the end of its tests.
func sectionOf(law string) *regexp.Regexp {
	return regexp.MustCompile(`(?ms)^` + law + `: [^\n]*\n~+$.*?^\*Tests:\*.*?(?:\n\n|\z)`)
}

func testsOf(law string, exist []string) (names []string) {
	of := regexp.MustCompile(`^Test` + law + `([^0-9]|$)`)
	for _, name := range exist {
		if of.MatchString(name) {
			names = append(names, "``"+name+"``")
		}
	}
	return names
}

// nameTests renews the tests of each section.
func nameTests(text string, exist []string) string {
	for _, law := range laws {
		names := testsOf(law, exist)
		if len(names) == 0 {
			continue
		}
		text = sectionOf(law).ReplaceAllStringFunc(text, func(section string) string {
			before, _, _ := strings.Cut(section, "*Tests:*")
			return before + "*Tests:* " + strings.Join(names, ",\n") + ".\n\n"
		})
	}
	return strings.TrimRight(text, "\n") + "\n"
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

var links = regexp.MustCompile("`[^`<]*<([^>:]+)>`__?")

func TestLinksToFilesLead(t *testing.T) {
	for _, file := range rstFiles(t) {
		for _, m := range links.FindAllStringSubmatch(read(t, file), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
