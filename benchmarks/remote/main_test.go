package main

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test binary is the owner, too, when it is started as one.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args[1:], "-own") {
		main()
		return
	}
	os.Exit(m.Run())
}

// All ways give the right answers and a row each.
func TestCompare(t *testing.T) {
	var out strings.Builder
	if err := compare(context.Background(), &out, []load{{1, 16}, {3, 5000}}, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for _, way := range ways {
		if n := len(regexp.MustCompile(` `+way.name+` +[0-9.]+ µs`).FindAllString(out.String(), -1)); n != 2 {
			t.Errorf("%s has %d rows in\n%s", way.name, n, &out)
		}
	}
	if !strings.Contains(out.String(), "the embedded server of NATS: started in ") {
		t.Errorf("nothing of the server in\n%s", &out)
	}
}

func TestLoads(t *testing.T) {
	for _, row := range []struct {
		callers, sizes string
		want           []load
		fault          string
	}{
		{want: []load{{1, 16}, {64, 16}, {1, 4096}}},
		{callers: "8, 1", want: []load{{1, 16}, {8, 16}}},
		{sizes: "100", want: []load{{1, 100}}},
		{callers: "1,2", sizes: "16,32", want: []load{{1, 16}, {1, 32}, {2, 16}, {2, 32}}},
		{callers: "0", fault: `-callers 0: "0" is no number from 1 to 10000`},
		{callers: "1,", fault: `-callers 1,: "" is no number from 1 to 10000`},
		{sizes: "8", fault: `-size 8: "8" is no number from 16 to 524288`},
	} {
		got, err := loadsOf(row.callers, row.sizes)
		if !slices.Equal(got, row.want) || (err == nil) != (row.fault == "") || err != nil && err.Error() != row.fault {
			t.Errorf("%+v: %v, %v", row, got, err)
		}
	}
}

func TestRatio(t *testing.T) {
	if r := ratio([]time.Duration{10, 30, 100}, []time.Duration{10, 10, 10}); r != 3 {
		t.Errorf("the median of 1, 3 and 10 is %v", r)
	}
}
