package main

import (
	"go/token"
	"maps"
	"slices"
	"testing"
)

func TestCompare(t *testing.T) {
	table := parse("# a remark: no place\na f Context.Err: caller\nb g errors.Is: TestL17Ask TestNone\nc h Logger.Log:  \nd gone error.Error: own\nf k Context.Done: own TestL17Ask\n")
	got := compare([]string{"a f Context.Err", "b g errors.Is", "e i fmt.Errorf", "f k Context.Done"}, table, map[string]string{"TestL17Ask": "actor"})
	want := []string{
		"a f Context.Err: names no test",
		"b g errors.Is: there is no test TestNone",
		"c h Logger.Log: is in places.txt, and asks nothing",
		"d gone error.Error: is in places.txt, and asks nothing",
		"e i fmt.Errorf: is not in places.txt: may a value of the user's harm anything there?",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := compare([]string{"x y z"}, map[string]string{"x y z": " "}, nil); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// What the program looks for it finds, in a folder with one of each.
func TestFind(t *testing.T) {
	found, err := find("testdata/asks", ".")
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(found))
	want := []string{
		"asks (*asker).all Addr.String", "asks (*asker).all Conn.RemoteAddr", "asks (*asker).all Context.Done", "asks (*asker).all Context.Err", "asks (*asker).all Context.Value", "asks (*asker).all Handler.Enabled", "asks (*asker).all Listener.Accept", "asks (*asker).all LogValuer.LogValue",
		"asks (*asker).all Logger.Log", "asks (*asker).all Value.Resolve", "asks (*asker).all context.Cause",
		"asks (*asker).all context.WithCancel", "asks (*asker).all error.Error", "asks (*asker).all errors.AsType",
		"asks (*asker).all errors.Is", "asks (*asker).all fmt.Fprintf", "asks (*asker).all fmt.Sprint",
		"asks (*asker).all fmt.Sprintf", "asks (*asker).all http.Shutdown", "asks (*asker).all optional.Name", "asks (*asker).all pprof.SetGoroutineLabels",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if n := len(found["asks (*asker).all fmt.Sprint"]); n != 2 {
		t.Errorf("fmt.Sprint is in %d places", n)
	}
	done, value := found["asks (*asker).all Context.Done"][0], found["asks (*asker).all Context.Value"][0]
	if done.Line != value.Line-2 || done.Column != 2 {
		t.Errorf("what stands in a case is asked at %v, and in its body at %v", done, value)
	}
}

// A test reaches what is in a block that has run, and not what is before or behind it.
func TestReach(t *testing.T) {
	c, err := parseProfile("mode: set\n" + module + "a/f.go:3.2,5.4 2 1\n" + module + "a/f.go:7.1,8.1 1 0\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		file         string
		line, column int
		want         bool
	}{
		{"/r/a/f.go", 3, 2, true}, {"/r/a/f.go", 4, 1, true}, {"/r/a/f.go", 5, 3, true},
		{"/r/a/f.go", 3, 1, false}, {"/r/a/f.go", 5, 4, false}, {"/r/a/f.go", 7, 2, false},
		{"/r/a/g.go", 4, 1, false}, {"/r/b/f.go", 4, 1, false},
	} {
		at := token.Position{Filename: row.file, Line: row.line, Column: row.column}
		if c.has("/r", at) != row.want {
			t.Errorf("%v: reached: %t", at, !row.want)
		}
	}
	at := []token.Position{{Filename: "/r/a/f.go", Line: 3, Column: 2}, {Filename: "/r/a/f.go", Line: 7, Column: 2}}
	got := missed("/r", "a f Context.Err", at, "caller TestOne TestTwo", map[string]covered{"TestOne": c, "TestTwo": {}})
	want := []string{"a f Context.Err: TestTwo does not reach it", "a f Context.Err: no test named there reaches a/f.go:7"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, bad := range []string{"a/f.go:3.2,5.4 2\n", "nothing"} {
		if _, err := parseProfile(bad); err == nil {
			t.Errorf("%q is a profile", bad)
		}
	}
}

// A test is run in the module that its package belongs to.
func TestPartOf(t *testing.T) {
	for dir, want := range map[string]string{
		"actor": "", "supervisor/remote": "supervisor/remote", "supervisor/remote/internal/aside": "supervisor/remote",
		"supervisor/remotely": "", "supervisor": "",
	} {
		if got := partOf(dir); got.dir != want || len(got.patterns) == 0 {
			t.Errorf("%s is of %+v", dir, got)
		}
	}
}

// A format says which of its arguments are asked for their text.
func TestVerbs(t *testing.T) {
	for format, want := range map[string]string{"": "", "%% %-5.2f %*d %+v [%T]": "f*dvT", "%d %[1]T": ""} {
		if got := verbsOf(format); got != want {
			t.Errorf("%q: %q, want %q", format, got, want)
		}
	}
}
