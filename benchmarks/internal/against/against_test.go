package against

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// library is a repository like this one, but small: a library and its benchmarks, in two
// versions. The second has its pools elsewhere, and topics, which the first has not.
var library = [2]map[string]string{{
	"go.mod": "module example.com/lib\n\ngo 1.26.0\n",
	"lib.go": `package lib

import "runtime"

func Start() string { return "first" }

// Self returns its own name.
func Self() string {
	pc, _, _, _ := runtime.Caller(0)
	return runtime.FuncForPC(pc).Name()
}

func IsOwn(name string) bool { return name == "example.com/lib.Self" }

func NewPool() string { return "a pool of the first" }
`,
	"lib_test.go":       "package lib\n\nthis does not compile\n",
	"benchmarks/go.mod": "module example.com/lib/benchmarks\n\ngo 1.26.0\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../\n",
	"benchmarks/main.go": `package main

import (
	"fmt"

	"example.com/lib/benchmarks/internal/before"
	"example.com/lib/benchmarks/internal/systems"
)

func main() {
	for _, s := range append(systems.All(), before.Systems()...) {
		fmt.Printf("%s: %s, own %t, queue %q, pool %q, topic %q\n", s.Name, s.Start(), s.Own, s.Queue, s.Pool, s.Topic)
	}
	fmt.Println(before.Commit)
}
`,
	"benchmarks/internal/before/before.go": `package before

import "example.com/lib/benchmarks/internal/systems"

const Commit = ""

func Systems() []*systems.System { return nil }
`,
	"benchmarks/internal/systems/system.go": `package systems

// System is compared.
type System struct {
	Name, About, Queue, Pool, Topic string
	Start                           func() string
	Own                             bool
}

func All() []*System { return []*System{nano()} }
`,
	"benchmarks/internal/systems/nano.go": `package systems

import "example.com/lib"

func nano() *System { return &System{Name: "nano", Start: lib.Start, Own: lib.IsOwn(lib.Self())} }
`,
	"benchmarks/internal/systems/nano_proxy.go": `package systems

func nanoProxy() *System { return &System{Start: NewTallyService().Start} }
`,
	"benchmarks/internal/systems/tally_service.go": `package systems

import "example.com/lib"

type TallyService struct{ start func() string }

func NewTallyService() TallyService { return TallyService{lib.Start} }

func (t TallyService) Start() string { return "generated, " + t.start() }
`,
	"benchmarks/internal/systems/nano_served.go": "package systems\n\nfunc addNanoServed(*System) {}\n",
	"benchmarks/internal/systems/nano_nested.go": "package systems\n\nfunc addNanoNested(*System) {}\n",
	"benchmarks/internal/systems/nano_queue.go":  "package systems\n\nfunc addNanoQueue(s *System) { s.Queue = \"a queue\" }\n",
	"benchmarks/internal/systems/nano_pool.go": `package systems

import "example.com/lib"

func addNanoPool(s *System) { s.Pool = lib.NewPool() }
`,
}, {
	"lib.go":       "package lib\n\nfunc Start() string { return \"second\" }\n\nfunc Self() string { return \"\" }\n\nfunc IsOwn(string) bool { return false }\n",
	"pool/pool.go": "package pool\n\nfunc New() string { return \"a pool of the second\" }\n",
	"topic.go":     "package lib\n\nfunc NewTopic() string { return \"a topic\" }\n",
	"benchmarks/internal/systems/nano_pool.go": `package systems

import "example.com/lib/pool"

func addNanoPool(s *System) { s.Pool = pool.New() }
`,
	"benchmarks/internal/systems/nano_topic.go": `package systems

import "example.com/lib"

func addNanoTopic(s *System) { s.Topic = lib.NewTopic() }
`,
}}

// repository makes it, with a commit without anything at first.
func repository(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, role := range []string{"AUTHOR", "COMMITTER"} {
		t.Setenv("GIT_"+role+"_NAME", "A Tester")
		t.Setenv("GIT_"+role+"_EMAIL", "tester@example.com")
		t.Setenv("GIT_"+role+"_DATE", "2026-01-02T03:04:05Z")
	}
	do := func(args ...string) {
		if _, err := git(t.Context(), dir, args...); err != nil {
			t.Fatal(err)
		}
	}
	do("init", "--quiet")
	do("commit", "--quiet", "--allow-empty", "-m", "nothing")
	for i, subject := range []string{"the first", "the second"} {
		for name, text := range library[i] {
			write(t, dir, name, text)
		}
		do("add", "--all")
		do("commit", "--quiet", "-m", subject)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// built builds and runs the program, and returns what it prints. Nothing changes in the
// repository, and nothing is left of the program.
func built(t *testing.T, dir, rev string) (lines, leftOut []string) {
	t.Helper()
	status := func() string {
		text, err := git(t.Context(), dir, "status", "--porcelain", "--ignored")
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := status()
	p, err := Build(t.Context(), dir, rev)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(p.Path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if after := status(); after != before {
		t.Errorf("the repository was %q, and is now %q", before, after)
	}
	if err := p.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(p.Path)); !os.IsNotExist(err) {
		t.Errorf("what is left of the program: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), p.LeftOut
}

func TestBuild(t *testing.T) {
	dir := repository(t)
	// What is not committed is what there is now, and not what was before.
	write(t, dir, "lib.go", strings.Replace(library[1]["lib.go"], "second", "third", 1))
	for rev, want := range map[string]struct{ system, commit, leftOut string }{
		// Of pools, the driver that suits is neither in the working tree nor the latest.
		"HEAD~1": {`before: first, own true, queue "a queue", pool "a pool of the first", topic ""`,
			" 2026-01-02 the first", "topics: no version of nano_topic.go compiles with "},
		"HEAD": {`before: second, own false, queue "a queue", pool "a pool of the second", topic "a topic"`,
			" 2026-01-02 the second", ""},
	} {
		lines, leftOut := built(t, filepath.Join(dir, "benchmarks"), rev)
		if len(lines) != 4 || lines[1] != want.system || !strings.HasSuffix(lines[3], want.commit) {
			t.Fatalf("%s: %q", rev, lines)
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(want.system, "before: "), ",")
		if proxy := "before-proxy: generated, " + first + ","; !strings.HasPrefix(lines[2], proxy) {
			t.Errorf("%s: %q, and not %s", rev, lines[2], proxy)
		}
		if now := `nano: third, own false, queue "", pool "", topic ""`; lines[0] != now {
			t.Errorf("%s: now it is %s", rev, lines[0])
		}
		switch {
		case want.leftOut == "" && len(leftOut) > 0,
			want.leftOut != "" && (len(leftOut) != 1 || !strings.HasPrefix(leftOut[0], want.leftOut) || !strings.Contains(leftOut[0], "NewTopic")):
			t.Errorf("%s: left out: %q", rev, leftOut)
		}
	}
}

func TestBuildFails(t *testing.T) {
	dir := repository(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for _, c := range []struct{ dir, rev, says string }{
		{dir, "nonsense", `there is no commit "nonsense"`},
		{dir, "--all", `there is no commit "--all"`},
		{dir, "", `there is no commit ""`},
		{dir, "HEAD:lib.go", `there is no commit "HEAD:lib.go"`},
		{dir, "HEAD~2", "nothing that drives the library compiles with "},
		{temp, "HEAD", "only in a clone"},
	} {
		p, err := Build(t.Context(), c.dir, c.rev)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %+v, %v", c.rev, p, err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%q: left behind: %v, %v", c.rev, left, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, dir, "HEAD"); err == nil {
		t.Error("it is built though its context has ended")
	}
}

func TestNow(t *testing.T) {
	dir := repository(t)
	now, err := Now(t.Context(), dir)
	if err != nil || !strings.HasSuffix(now, " 2026-01-02 the second") {
		t.Errorf("%q, %v", now, err)
	}
	write(t, dir, "new.go", "package lib\n")
	now, err = Now(t.Context(), dir)
	if err != nil || !strings.HasSuffix(now, " the second, with uncommitted changes") {
		t.Errorf("%q, %v", now, err)
	}
}

// TestExport writes a commit, with tests left out and the path of the module replaced.
func TestExport(t *testing.T) {
	dir, to := repository(t), t.TempDir()
	if err := export(t.Context(), dir, "HEAD~1", to, rename("example.com/lib", "example.com/lib_before")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"go.mod":             "module example.com/lib_before\n",
		"lib.go":             `name == "example.com/lib_before.Self"`,
		"benchmarks/main.go": `"example.com/lib_before/benchmarks/internal/before"`,
	} {
		text, err := os.ReadFile(filepath.Join(to, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s is %q, %v", name, text, err)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "lib_test.go")); !os.IsNotExist(err) {
		t.Errorf("a test is there: %v", err)
	}
}

func TestRename(t *testing.T) {
	r := rename("example.com/lib", "example.com/lib_before")
	for text, want := range map[string]string{
		`import "example.com/lib"`:              `import "example.com/lib_before"`,
		`import x "example.com/lib/deep/er"`:    `import x "example.com/lib_before/deep/er"`,
		"//go:linkname f example.com/lib.f":     "//go:linkname f example.com/lib_before.f",
		`import "example.com/library"`:          `import "example.com/library"`,
		`import "example.com/lib_before/again"`: `import "example.com/lib_before/again"`,
		`import "example_com/lib"`:              `import "example_com/lib"`,
		"replace example.com/lib => ../":        "replace example.com/lib_before => ../",
	} {
		if got := string(r.apply([]byte(text))); got != want {
			t.Errorf("%s becomes %s, and not %s", text, got, want)
		}
	}
	got := string(driver("// Package systems.\npackage systems\n\nimport \"example.com/lib/x\"\n", r))
	if want := "// Package systems.\npackage before\n\nimport \"example.com/lib_before/x\"\n"; got != want {
		t.Errorf("the driver is %s", got)
	}
}

// TestParts has the parts be those that there are.
func TestParts(t *testing.T) {
	var names []string
	for _, p := range parts {
		names = append(names, p.file)
		text, err := os.ReadFile(filepath.Join("..", "systems", p.file))
		if err != nil {
			t.Fatal(err)
		}
		if p.add != "" && !strings.Contains(string(text), "func "+p.add+"(s *System)") ||
			p.add == "" && !strings.Contains(string(text), "func "+p.makes+"() *System") {
			t.Errorf("%s does not have %s%s", p.file, p.add, p.makes)
		}
		if p.what == "" || slices.Index(names, p.file) != len(names)-1 {
			t.Errorf("%+v is not complete, or there twice", p)
		}
	}
	whole, err := os.ReadFile(filepath.Join("..", "systems", "system.go"))
	if err != nil {
		t.Fatal(err)
	}
	for text := range strings.Lines(string(whole)) {
		if add := strings.TrimSuffix(strings.TrimSpace(text), "(own)"); strings.HasPrefix(add, "addNano") &&
			!slices.ContainsFunc(parts, func(p part) bool { return p.add == add }) {
			t.Errorf("%s is of no part", add)
		}
	}
}
