package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	got, err := parse("L4", "L04.txt", `# L4

again: The closure that crashed
the service runs again.
race: yes
import: errors sync/atomic
in actor: (*core).crashed
# A remark.
- 	v.reason = p
+ 	v.reason = p; _ = c.box.TryPut(j)
in ./actor/: const x
	x
+

Without a name: it is counted.
in a: F
 a
- b
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []mutation{{
		name: "L4-again", law: "L4", about: "The closure that crashed the service runs again.", race: true,
		imports: []string{"errors", "sync/atomic"},
		edits: []edit{
			{"actor", "(*core).crashed", []line{{'-', "\tv.reason = p"}, {'+', "\tv.reason = p; _ = c.box.TryPut(j)"}}, "L04.txt:7"},
			{"actor", "const x", []line{{' ', "x"}, {'+', ""}}, "L04.txt:11"},
		},
	}, {
		name: "L4-2", law: "L4", about: "Without a name: it is counted.",
		edits: []edit{{"a", "F", []line{{' ', "a"}, {'-', "b"}}, "L04.txt:16"}},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"in a: F\n- x\n":                   "t.txt:1: a mutation begins with its name",
		"- x\n":                            "t.txt:1: a mutation begins with its name",
		"n: what\n- x\n":                   "t.txt:2: a line of code without a line before it",
		"n: what\nin a: F\nx\n":            "t.txt:3: a line of code begins with",
		"n: what\nin a: F\n- // x\n":       "t.txt:3: comments and empty lines are not compared",
		"n: what\n":                        "X-n: changes nothing: it has no line like",
		"n: what\nin a: F\n":               "X-n: t.txt:2: no line says where",
		"n: what\nin a: F\n+ x\n":          "X-n: t.txt:2: no line says where",
		"n: what\nin a: F\n  x\n":          "X-n: t.txt:2: changes nothing",
		"n: what\nin a: F\n- x  y\n+ x y ": "X-n: t.txt:2: changes nothing",
	} {
		if _, err := parse("X", "t.txt", text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	const one = "n: what\nin .: F\n- x\n"
	for name, test := range map[string]struct {
		files []string
		want  string
	}{
		"name of a file":  {[]string{"testdata/mutations/L4-x.txt", one}, "a file is named by its law"},
		"name twice":      {[]string{"testdata/mutations/X.txt", one + "\n" + one}, "two mutations have the name X-n"},
		"twice the file":  {[]string{"testdata/mutations/L4.txt", one, "testdata/mutations/L04.txt", one}, "two mutations have the name L4-n"},
		"no such package": {[]string{"testdata/mutations/X.txt", "n: what\nin q: F\n- x\n"}, "X-n: X.txt:2: there is no folder q"},
		"two modules":     {[]string{"q/go.mod", "module q\n", "testdata/mutations/X.txt", one + "in q: F\n- x\n"}, "X-n: changes two modules, . and q"},
	} {
		_, err := readMutations(tree(t, append(test.files, "go.mod", "module m\n")...))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
