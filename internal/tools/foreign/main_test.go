package main

import (
	"slices"
	"testing"
)

func TestCompare(t *testing.T) {
	table := parse("# a remark: no place\na f Context.Err: caller\nb g errors.Is: TestL17Ask TestNone\nc h Logger.Log:  \nd gone error.Error: own\n")
	got := compare([]string{"a f Context.Err", "b g errors.Is", "e i fmt.Errorf"}, table, map[string]bool{"TestL17Ask": true})
	want := []string{
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
	got, err := find("testdata/asks", ".")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"asks (*asker).all Context.Err", "asks (*asker).all Handler.Enabled", "asks (*asker).all LogValuer.LogValue",
		"asks (*asker).all Logger.Log", "asks (*asker).all context.Cause", "asks (*asker).all error.Error",
		"asks (*asker).all errors.AsType", "asks (*asker).all errors.Is", "asks (*asker).all fmt.Sprint",
		"asks (*asker).all optional.Name",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
