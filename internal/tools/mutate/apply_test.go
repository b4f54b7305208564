package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tree writes files, whose names and texts alternate, and returns their directory.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		file := filepath.Join(root, files[i])
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const code = `package p

import (
	"fmt"
	r "math/rand/v2"
)

const (
	one = iota + 1 // first
	two
)

type Pair[K, V any] struct{ k K }

// Do does it.
func (p *Pair[K, V]) Do() {
	fmt.Println(one)

	// Said again.
	fmt.Println( two ) // at the end
	if two > one {
		fmt.Println(one)
	}
}

func Do() int { return r.Int() }
`

// What an edit finds, and what it leaves. In what is wanted, | stands for the end of a
// line.
func TestApplyEdits(t *testing.T) {
	for name, test := range map[string]struct{ edits, want string }{
		"blanks and comments do not count": {
			"in p: (*Pair).Do\n  fmt.Println(two) // otherwise\n- if two  >one {\n+ if true {\n",
			"|\tfmt.Println( two ) // at the end|if true {|",
		},
		"what lies between stays": {
			"in p: (*Pair).Do\n- fmt.Println(one)\n  fmt.Println(two)\n+ return\n",
			"{||\t// Said again.|\tfmt.Println( two ) // at the end|return|\tif two",
		},
		"a receiver may be written in several ways": {"in p: Pair.Do\n- if two > one {\n+ {\n", "|{|\t\tfmt"},
		"a function of the same name":               {"in p: Do\n- func Do() int { return r.Int() }\n+ func Do() int { return 1 }\n", "_ \"math/rand/v2\""},
		"a group":                                   {"in p: const two\n- one = iota + 1\n+ one = iota\n", "|one = iota|\ttwo|"},
		"a type":                                    {"in p: type Pair\n+ // new\n  type Pair[K, V any] struct{ k K }\n+ var x K\n", "|// new|type Pair[K, V any] struct{ k K }|var x K|"},
		"an import":                                 {"import: errors os fmt\nin p: Do\n- func Do() int { return r.Int() }\n+ func Do() error { return errors.New(r.Err) }\n", "package p; import \"errors\"||import (|\t\"fmt\"|\tr \"math"},
		"one behind the other": {
			"in p: (*Pair).Do\n- if two > one {\n+ if two < one {\nin p: (*Pair).Do\n- if two < one {\n+ if two == one {\n", "|if two == one {|",
		},
		"not there":        {"in p: (*Pair).Do\n  if two > one {\n- fmt.Println(two)\n", "t.txt:2: (*Pair).Do at p/p.go:16 does not have this line, or not behind the one before it: fmt.Println(two)"},
		"twice":            {"in p: (*Pair).Do\n- fmt.Println(one)\n", "has these lines 2 times"},
		"not declared":     {"in p: (*Pair).Done\n- fmt.Println(one)\n", "t.txt:2: p does not declare (*Pair).Done"},
		"not of this kind": {"in p: var two\n- two\n+ three\n", "p does not declare var two"},
		"only in a test":   {"in p: TestDo\n- Do()\n", "p does not declare TestDo"},
		"not built here":   {"in p: elsewhere\n- Do()\n", "p does not declare elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t, "go.mod", "module m\n", "p/p.go", code,
				"p/p_test.go", "package p\nfunc TestDo() {\n\tDo()\n}\n",
				"p/q.go", "//go:build ignore\n\npackage p\n\nfunc elsewhere() {\n\tDo()\n}\n\nfunc Do() int { return r.Int() }\n")
			all, err := parse("X", "t.txt", "name: what\n"+test.edits)
			if err != nil {
				t.Fatal(err)
			}
			changed, err := (&sources{root: root}).apply(all[0])
			got := strings.ReplaceAll(changed["p/p.go"], "\n", "|")
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// What would not be run is not compiled, unless something that stays mentions it; what
// stays is where it was.
func TestSlim(t *testing.T) {
	const first = `package p

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

// TestL1 is kept.
func TestL1Kept(t *testing.T) { testHelper(t); ExampleUsed() }

// TestL11 is not: ©.
//
//go:noinline
func TestL11(t *testing.T) {
	fmt.Println("gone")
}

func BenchmarkL1(b *testing.B) {}
func FuzzL1(f *testing.F)      {}

func testHelper(t *testing.T)  { fmt := t; fmt.Helper() }
`
	const second = "package p_test\n\nfunc ExampleUsed() {}\nfunc Example() {}\nfunc Testing() {}\n"
	root := tree(t, "a_test.go", first, "b_test.go", second, "c_test.go", "package p\n")
	got, err := slim(root, []string{root + "/a_test.go", root + "/b_test.go", root + "/c_test.go"}, mutation{law: "L1"}.tests())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Errorf("%d files have changed", len(got))
	}
	for file, want := range map[string]string{
		"a_test.go": `package p

import (
	_ "fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

// TestL1 is kept.
func TestL1Kept(t *testing.T) { testHelper(t); ExampleUsed() }











func testHelper(t *testing.T)  { fmt := t; fmt.Helper() }
`,
		"b_test.go": "package p_test\n\nfunc ExampleUsed() {}\n\nfunc Testing() {}\n",
	} {
		if regexp.MustCompile("(?m) +$").ReplaceAllString(got[file], "") != regexp.MustCompile("(?m) +$").ReplaceAllString(want, "") {
			t.Errorf("%s:\n%s", file, got[file])
		}
	}
}

func TestNameOf(t *testing.T) {
	for imp, want := range map[string]string{
		"fmt": "fmt", "go/ast": "ast", "math/rand/v2": "rand", "github.com/nats-io/nats.go": "nats",
	} {
		if got := nameOf(imp); got != want {
			t.Errorf("%s: %s, want %s", imp, got, want)
		}
	}
}
