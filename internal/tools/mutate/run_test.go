package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const fixture = "testdata/fixture"

// mutate runs the mutations of the tree in root that match the patterns.
func mutate(t *testing.T, root string, patterns ...string) (out string, err error) {
	t.Helper()
	var buf bytes.Buffer
	r := runner{root: root, patterns: patterns, workers: 2, timeout: 5 * time.Second, out: &buf}
	err = r.run(t.Context())
	return buf.String(), err
}

// copyFixture returns a copy of the fixture in which old is replaced in file.
func copyFixture(t *testing.T, file, old, new string) string {
	t.Helper()
	files, err := listFiles(t.Context(), fixture)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := copyTree(fixture, dir, files); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(text, []byte(old), []byte(new))
	if bytes.Equal(text, changed) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	if err := os.WriteFile(filepath.Join(dir, file), changed, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestVerdicts(t *testing.T) {
	out, err := mutate(t, fixture)
	if err == nil || err.Error() != "8 of 16 mutations not caught" {
		t.Errorf("err = %v, want 8 of 16 mutations not caught", err)
	}
	// The time that a mutation took stands between the first two words.
	out = regexp.MustCompile(`(?m)^(\w+) +\d+s +`).ReplaceAllString(out, "$1 ")
	for _, want := range []string{
		"clean the tests of L1, L2, L3, Race pass on the tree as it is",
		"note           there are tests, but no mutation, of L22\n",
		"caught L1-adds-two  by TestMain after TestL1Counts",
		"caught L1-panics  by TestL1Counts",
		"caught L2-1  by TestL2Add",
		"ERROR L2-no-such-line  does not apply: L02.txt:9: (*Counter).Add at counter.go:13 does not have this line, or not behind the one before it: c.n = c.n + 1\n",
		"ERROR L2-no-such-method  does not apply: L02.txt:14: . does not declare (*Counter).Increment\n",
		"ERROR L2-several-places  does not apply: L02.txt:19: (*Counter).Twice at counter.go:32 has these lines 2 times: ",
		"ERROR L2-does-not-compile  does not compile:\ncounter.go:16:3: ",
		"caught L2-hangs  by a time-out of TestL2Add",
		"caught L2-nested  by TestL2Nested",
		"caught L2-nested-constant  by TestL2NestedConstant",
		"caught L2-panics-elsewhere  by a panic in TestL2Add",
		"SURVIVED L2-survives  passed TestL2Add\n",
		"ERROR L2-test-does-not-compile  fixture does not compile:\n",
		"ERROR L3-has-no-test  no test matches ^Test(L3)([^0-9]|$)",
		"caught Race-unlocked  by TestRaceTogether",
		"SURVIVED Race-unnoticed  passed TestRaceTogether",
	} {
		_, rest, found := strings.Cut(out, want)
		if !found {
			t.Fatalf("%q is missing, or not where it belongs, in what is left of the output:\n%s", want, out)
		}
		out = rest
	}
}

// Without a test being run, it is known what does not apply or compile.
func TestApply(t *testing.T) {
	var out bytes.Buffer
	r := runner{root: fixture, apply: true, workers: 2, out: &out}
	if err := r.run(t.Context()); err == nil || err.Error() != "4 of 16 mutations do not apply or do not compile" {
		t.Errorf("err = %v", err)
	}
	const want = `
ERROR    L2-no-such-line  does not apply: .*
ERROR    L2-no-such-method  does not apply: .*
ERROR    L2-several-places  does not apply: .*
ERROR    L2-does-not-compile  does not compile:
counter.go:16:3: .*
`
	if !regexp.MustCompile("^" + want[1:] + "$").MatchString(out.String()) {
		t.Errorf("output:\n%s", &out)
	}
	out.Reset()
	r = runner{root: fixture, apply: true, patterns: []string{"L1"}, workers: 2, out: &out}
	if err := r.run(t.Context()); err != nil || out.String() != "all 2 mutations apply and compile\n" {
		t.Errorf("err = %v, output:\n%s", err, &out)
	}
}

func TestAllCaught(t *testing.T) {
	out, err := mutate(t, fixture, "L1", "*-nested", "L1-*")
	if err != nil || !strings.HasSuffix(out, "all 3 mutations caught\n") {
		t.Errorf("err = %v, output:\n%s", err, out)
	}
}

func TestSurvivorFails(t *testing.T) {
	if out, err := mutate(t, fixture, "*-survives"); err == nil {
		t.Errorf("no error, output:\n%s", out)
	}
}

func TestFailingTreeFails(t *testing.T) {
	for name, change := range map[string][2]string{
		"test fails":      {"got != 1 {", "got != 4 {"},
		"test won't link": {"func TestL1Counts", "func undefined() { none() }\n\nfunc TestL1Counts"},
	} {
		t.Run(name, func(t *testing.T) {
			root := copyFixture(t, "counter_test.go", change[0], change[1])
			if out, err := mutate(t, root, "L2-1"); err == nil || !strings.Contains(err.Error(), "the unmutated tree") {
				t.Errorf("err = %v, want one about the unmutated tree; output:\n%s", err, out)
			}
		})
	}
}

func TestNothingToDoFails(t *testing.T) {
	if _, err := mutate(t, fixture, "L1", "L4"); err == nil {
		t.Error("no error for a pattern without a mutation")
	}
	if _, err := mutate(t, t.TempDir()); err == nil {
		t.Error("no error for a tree without mutations")
	}
}

func TestTreeIsLeftAlone(t *testing.T) {
	const added = "// changed\npackage counter"
	root := copyFixture(t, "counter.go", "package counter\n", added+"\n")
	if _, err := mutate(t, root, "L1"); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "counter.go"))
	if err != nil || !strings.Contains(string(text), added) || !strings.Contains(string(text), "c.n++") {
		t.Errorf("err = %v, counter.go:\n%s", err, text)
	}
}
