package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	dir := newModule(t) // without a package: nothing is looked at
	for _, row := range []struct {
		args []string
		want string
	}{
		{nil, "-type is missing"},
		{[]string{"-type", ""}, "-type is missing"},
		{[]string{"-type", "A,,B"}, `"" is not the name of a type`},
		{[]string{"-type", "a.B"}, `"a.B" is not the name of a type`},
		{[]string{"-type", "A,A"}, "A is there twice"},
		{[]string{"-type", "A", "-new", "x.New"}, `"x.New" is not the name of a function`},
		{[]string{"-type", "A,B", "-new", "New"}, "the constructor of one type"},
		{[]string{"-type", "A", "file.go"}, `unexpected argument "file.go"`},
		{[]string{"-type", "A", "-client", "api"}, "-client is where clients go, and there are none without -remote"},
		{[]string{"-typ", "A"}, "flag provided but not defined: -typ"},
	} {
		status, stdout, stderr := nanogen(dir, row.args...)
		if status != 2 || stdout != "" || !strings.Contains(stderr, row.want) || !strings.Contains(stderr, "usage: nanogen") {
			t.Errorf("nanogen %q: status %d, %q, %q; want 2 and %q", row.args, status, stdout, stderr, row.want)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	if status, stdout, _ := nanogen("", "-help"); status != 0 || stdout != usage {
		t.Errorf("-help: status %d, %q", status, stdout)
	}
	if status, stdout, _ := nanogen("", "-version"); status != 0 || !strings.HasPrefix(stdout, "nanogen ") {
		t.Errorf("-version: status %d, %q", status, stdout)
	}
	info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}
	if got := versionOf(info, true); got != "v1.2.3" {
		t.Errorf("the version of v1.2.3 is %q", got)
	}
	if got := versionOf(nil, false); got != "(devel)" {
		t.Errorf("the version of an unknown build is %q", got)
	}
}

func TestNoPackage(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := nanogen(newModule(t), "-type", "T")
	if status != 1 || stdout != "" || !strings.Contains(stderr, "nanogen: no Go files in ") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

const counterSource = `package counter

type Counter struct{ n int }

func NewCounter(start int) *Counter { return &Counter{start} }

func (c *Counter) Add(by int) { c.n += by }

func use() error { return NewCounterService(1).Add(2) }
`

// counter returns the directory of a package that calls what has yet to be
// generated, and the path of that file.
func counter(t *testing.T) (dir, file string) {
	dir = filepath.Join(newModule(t), "counter")
	writeFile(t, filepath.Join(dir, "counter.go"), counterSource)
	return dir, filepath.Join(dir, "counter_service.go")
}

func mustGenerate(t *testing.T, dir string, args ...string) {
	t.Helper()
	if status, stdout, stderr := nanogen(dir, args...); status != 0 || stdout != "" || stderr != "" {
		t.Fatalf("nanogen %v: status %d, %q, %q", args, status, stdout, stderr)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir, file := counter(t)
	check := func(want ...string) {
		t.Helper()
		before, _ := os.ReadFile(file)
		status, stdout, stderr := nanogen(dir, "-type", "Counter", "-check")
		if after, _ := os.ReadFile(file); string(before) != string(after) {
			t.Error("-check wrote the file")
		}
		if len(want) == 0 {
			if status != 0 || stdout != "" || stderr != "" {
				t.Errorf("status %d, %q, %q", status, stdout, stderr)
			}
			return
		}
		if status != 1 || !strings.Contains(stderr, "not up to date") {
			t.Errorf("status %d, %q", status, stderr)
		}
		for _, w := range want {
			if !strings.Contains(stdout, w) {
				t.Errorf("not in the difference: %q\n%s", w, stdout)
			}
		}
	}

	check("counter_service.go: missing", "+func (svc CounterService) Add(by int) error {")
	if _, err := os.Stat(file); err == nil {
		t.Error("-check wrote the file")
	}
	mustGenerate(t, dir, "-type", "Counter")
	check()
	writeFile(t, filepath.Join(dir, "counter.go"), strings.ReplaceAll(counterSource, "by int", "by uint"))
	check("--- counter_service.go (as it is)\n+++ counter_service.go (as it would be written)\n@@ -",
		"-func (svc CounterService) Add(by int) error {\n+func (svc CounterService) Add(by uint) error {")
	writeFile(t, filepath.Join(dir, "counter.go"), counterSource)
	check()
	writeFile(t, file, readFile(t, file)+"// more\n")
	check("-// more")
}

// Whatever is in the file that is to be written, the result is the same.
func TestStaleFileHasNoInfluence(t *testing.T) {
	t.Parallel()
	dir, file := counter(t)
	mustGenerate(t, dir, "-type", "Counter")
	want := readFile(t, file)
	header, _, _ := strings.Cut(want, "\n")
	for _, stale := range []string{
		header,
		header + "\npackage other\n",
		header + "\npackage counter\n<<<<<<< HEAD\n",
		header + "\npackage counter\nimport \"example.com/nowhere\"\n",
		header + "\npackage counter\ntype Counter int\nfunc NewCounter() {}\n",
		strings.ReplaceAll(want, "Add", "Sub"),
		strings.ReplaceAll(want, "int", "Vanished"),
	} {
		writeFile(t, file, stale)
		mustGenerate(t, dir, "-type", "Counter")
		if got := readFile(t, file); got != want {
			t.Errorf("after\n%s\nthe result differs:\n%s", stale, diff("want", "got", []byte(want), []byte(got)))
		}
	}
}

// A file of nanogen that is not to be written now, and does not parse, is as good
// as missing.
func TestOtherBrokenFileHasNoInfluence(t *testing.T) {
	t.Parallel()
	dir, file := counter(t)
	writeFile(t, filepath.Join(dir, "clock.go"),
		"package counter\n\ntype Clock struct{}\n\nfunc (c *Counter) Use(clock ClockService) {}\n")
	mustGenerate(t, dir, "-type", "Counter")
	want := readFile(t, file)
	writeFile(t, filepath.Join(dir, "clock_service.go"), headerStart+"-type Clock\"; DO NOT EDIT.\n\npackage counter\n\n=======\n")
	mustGenerate(t, dir, "-type", "Counter")
	if got := readFile(t, file); got != want {
		t.Errorf("%s", diff("want", "got", []byte(want), []byte(got)))
	}
}

func TestWrittenOnlyWhenItChanged(t *testing.T) {
	t.Parallel()
	dir, file := counter(t)
	mustGenerate(t, dir, "-type", "Counter")
	past := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(file, past, past); err != nil {
		t.Fatal(err)
	}
	mustGenerate(t, dir, "-type", "Counter")
	if info, err := os.Stat(file); err != nil || !info.ModTime().Equal(past) {
		t.Errorf("it was written although nothing had changed: %v, %v", info.ModTime(), err)
	}
}

func TestFilesOfOthersAreNotReplaced(t *testing.T) {
	t.Parallel()
	dir, file := counter(t)
	const mine = "package counter\n\n// mine\n"
	writeFile(t, file, mine)
	status, stdout, stderr := nanogen(dir, "-type", "Counter")
	if status != 1 || stdout != "" || !strings.Contains(stderr, "counter_service.go is there and was not written by nanogen") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if got := readFile(t, file); got != mine {
		t.Errorf("it is %q now", got)
	}
}

// The header names the command, and nothing of the machine.
func TestHeader(t *testing.T) {
	t.Parallel()
	dir, _ := counter(t)
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ out, file, want string }{
		{"x.go", "x.go", "-out x.go"},
		{"./y.go", "y.go", "-out ./y.go"},
		{filepath.Join(dir, "z.go"), "z.go", "-out z.go"},
		{"sub", "sub/counter_service.go", "-out sub"},
	} {
		mustGenerate(t, dir, "-out", row.out, "-type", "Counter", "-new", "NewCounter")
		text := readFile(t, filepath.Join(dir, row.file))
		want := headerStart + "-type Counter -new NewCounter " + row.want + "\"; DO NOT EDIT.\n"
		if !strings.HasPrefix(text, want) || strings.Contains(text, dir) {
			t.Errorf("-out %s begins with %q, want %q", row.out, text[:100], want)
		}
		if err := os.Remove(filepath.Join(dir, row.file)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutElsewhere(t *testing.T) {
	t.Parallel()
	dir, _ := counter(t)
	module := filepath.Dir(dir)
	writeFile(t, filepath.Join(module, "main.go"), "package main\n\ntype T struct{}\n\nfunc NewT() *T { return &T{} }\n\nfunc main() {}\n")
	writeFile(t, filepath.Join(dir, "imports.go"), "package counter\n\nimport _ \"example.com/below\"\n")
	writeFile(t, filepath.Join(module, "below", "below.go"), "package below\n")
	for _, row := range []struct {
		dir  string
		args []string
		want string
	}{
		{module, []string{"-type", "T", "-out", "t/t.go"}, "in package main, which no other package can import"},
		{dir, []string{"-type", "Counter", "-out", "../below/counter.go"}, "example.com/counter imports example.com/below, which would have to import it"},
		{dir, []string{"-type", "Counter", "-out", "../no-name/counter.go"}, `"no-name" is no name for a package`},
	} {
		status, stdout, stderr := nanogen(row.dir, row.args...)
		if status != 1 || stdout != "" || !strings.Contains(stderr, row.want) {
			t.Errorf("nanogen %v: status %d, %q, %q; want %q", row.args, status, stdout, stderr, row.want)
		}
	}
}

// What is there as a directory is one, and so is what cannot be a Go file.
func TestOutIsADirectory(t *testing.T) {
	t.Parallel()
	dir, _ := counter(t)
	writeFile(t, filepath.Join(dir, "there.go", "doc.go"), "package there\n")
	for _, out := range []string{"there.go", "slash/", "below/without"} {
		mustGenerate(t, dir, "-type", "Counter", "-out", out)
		text := readFile(t, filepath.Join(dir, out, "counter_service.go"))
		name, _, _ := strings.Cut(filepath.Base(out), ".")
		if !strings.Contains(text, "\npackage "+name+"\n") {
			t.Errorf("-out %s is not package %s:\n%s", out, name, text)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	lines := func(s string) []byte { return []byte(strings.ReplaceAll(s, " ", "\n") + "\n") }
	for _, row := range []struct{ old, new, want string }{
		{"a b c", "a b c", ""},
		{"a b c", "a x c", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
		{"1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9 10", "@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+10\n"},
		{"x 1 2 3 4 5 6 7 y", "1 2 3 4 5 6 7", "@@ -1,4 +1,3 @@\n-x\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-y\n"},
		{"x 1 2 3 4 5 6 y", "1 2 3 4 5 6", "@@ -1,8 +1,6 @@\n-x\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n"},
	} {
		got := diff("old", "new", lines(row.old), lines(row.new))
		if row.want != "" {
			row.want = "--- old\n+++ new\n" + row.want
		}
		if got != row.want {
			t.Errorf("from %s to %s:\n%s\nwant\n%s", row.old, row.new, got, row.want)
		}
	}
	if got, want := diff("old", "new", nil, []byte("a\n")), "--- old\n+++ new\n@@ -0,0 +1,1 @@\n+a\n"; got != want {
		t.Errorf("from nothing: %q, want %q", got, want)
	}
}

// Methods that do not compile are the compiler's business.
func TestBrokenBodies(t *testing.T) {
	t.Parallel()
	dir, file := counter(t)
	for i, body := range []string{
		"return c.nothing", "return c.nothing[1]", "return c.nothing[:]", "return &c.nothing", "return nothing.x", "return *nothing",
		"return []int(nothing)", "return nothing(c)", "return &nothing{c.n}", "x := nothing; return x", "return append()",
		"return append(nothing, c.n)", "return c.n.x[0:1:0]", "var x = 1, 2; return x", "return func() { nothing(c.x) }", "return nil, nil, nil",
		"return map[int]nothing{1: c.x}", "return (*nothing)(c)", "x, y := nothing(); return y", "return",
	} {
		writeFile(t, filepath.Join(dir, "broken.go"), "package counter\n\nfunc (c *Counter) Broken() []int { "+body+" }\n")
		status, stdout, stderr := nanogen(dir, "-type", "Counter")
		if status == 2 || stdout != "" || strings.Contains(stderr, "panic") {
			t.Errorf("%d: %s: status %d, %q, %q", i, body, status, stdout, stderr)
		}
		if status == 0 && !strings.Contains(readFile(t, file), "Broken(ctx context.Context) ([]int, error)") {
			t.Errorf("%s: there is no such method", body)
		}
	}
}

// Under go generate, which is started in another folder, messages name the folder, too.
func TestMessagesNameTheFolder(t *testing.T) {
	dir := filepath.Join(newModule(t), "shop", "stock")
	writeFile(t, filepath.Join(dir, "stock.go"), "package stock\n\ntype Stock struct{}\n")
	for _, c := range []struct{ file, want string }{
		{"", "stock.go:3:6: Stock: "},
		{"stock.go", filepath.FromSlash("shop/stock/stock.go:3:6: Stock: ")},
	} {
		t.Setenv("GOFILE", c.file)
		if status, _, stderr := nanogen(dir, "-type", "Stock"); status != 1 || !strings.HasPrefix(stderr, c.want) {
			t.Errorf("GOFILE=%q: %d, %s, want %s", c.file, status, stderr, c.want)
		}
	}
}
