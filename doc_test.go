package nanoservices_test

import (
	"go/doc/comment"
	"go/parser"
	"go/token"
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
			if next != "" && indentation(next) <= indentation(line) {
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

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

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
			checkBlocks(t, file, code, examples(t, ".", "actor", "actor/topic", "supervisor", "supervisor/observer", "supervisor/pool", "examples/bank", "examples/recipes", "examples/journal", "examples/tutorial", "examples/ledger/internal/store", "examples/ledger/internal/accounts", "examples/ledger/internal/app", "examples/apart", "cmd/nanogen/testdata/run", "supervisor/sim"))
		}
	}
}

// What the tutorial says that its steps print is what they print.
func TestTutorialHasTheOutput(t *testing.T) {
	_, literal := rstBlocks(read(t, "docs/tutorial.rst"))
	known := examples(t, "examples/tutorial")
	for _, block := range literal {
		printed := func(out []string) bool { return contains(out, lines(block)) }
		isOutput := func(e example) bool { return slices.ContainsFunc(e.outputs, printed) }
		if !slices.ContainsFunc(known, isOutput) && !strings.HasPrefix(strings.TrimSpace(block), "go ") {
			t.Errorf("no step prints:\n%s", block)
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

var (
	links  = regexp.MustCompile("`[^`<]*<([^>:]+)>`__?")
	images = regexp.MustCompile(`(?m)^\s*\.\. (?:image|figure):: ([^:\n]+)$`)
)

// Links to files, their sections, and pictures: of every text in the repository.
func TestLinksToFilesLead(t *testing.T) {
	var files []string
	for _, depth := range []string{"*.rst", "*/*.rst", "*/*/*.rst", "*/*/*/*.rst"} {
		found, err := filepath.Glob(depth)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		text := read(t, file)
		for _, m := range append(links.FindAllStringSubmatch(text, -1), images.FindAllStringSubmatch(text, -1)...) {
			path, place, _ := strings.Cut(m[1], "#")
			if path == "" {
				path = filepath.Base(file)
			}
			path = filepath.Join(filepath.Dir(file), path)
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %v", file, err)
			} else if place != "" && !slices.Contains(places(read(t, path)), place) {
				t.Errorf("%s: there is no %s in %s", file, place, path)
			}
		}
	}
}

var (
	titles    = regexp.MustCompile(`(?m)^(.+)\n[-=~]{3,}$`)
	citations = regexp.MustCompile(`(?m)^\.\. \[(\w+)\] `)
	noLetter  = regexp.MustCompile(`[^a-z0-9]+`)
)

// places are the parts of a text that a link may name: its sections and citations.
func places(text string) (all []string) {
	for _, m := range append(titles.FindAllStringSubmatch(text, -1), citations.FindAllStringSubmatch(text, -1)...) {
		all = append(all, strings.Trim(noLetter.ReplaceAllString(strings.ToLower(m[1]), "-"), "-"))
	}
	return all
}
