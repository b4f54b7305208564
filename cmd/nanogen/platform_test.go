package main

import (
	"go/build/constraint"
	"testing"
)

func parseConstraint(t *testing.T, text string) constraint.Expr {
	t.Helper()
	if text == "" {
		return nil
	}
	x, err := constraint.Parse("//go:build " + text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestConstraintsWithoutReleases(t *testing.T) {
	for text, want := range map[string]string{
		"go1.18":                      "",
		"go1.26":                      "",
		"go1.27":                      "go1.27",
		"linux && go1.18":             "linux",
		"go1.18 && linux":             "linux",
		"linux || go1.18":             "",
		"linux || !go1.18":            "linux",
		"linux && !(go1.18 && !race)": "linux && race",
		"(linux || race) && go1.27":   "(linux || race) && go1.27",
	} {
		got := ""
		if x := withoutReleases(parseConstraint(t, text), "go1.26"); x != nil {
			got = x.String()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestConstraintsImplyOthers(t *testing.T) {
	for _, c := range []struct {
		x, y string
		want bool
	}{
		{"", "linux", false},
		{"", "linux || !linux", true},
		{"", "linux || windows", false},
		{"linux", "linux || windows", true},
		{"linux && race", "linux", true},
		{"linux || windows", "linux", false},
		{"!plan9", "linux || !linux && plan9", false},
		{"!plan9", "linux && !plan9 || !linux && !plan9", true},
	} {
		if got := implies(parseConstraint(t, c.x), parseConstraint(t, c.y)); got != c.want {
			t.Errorf("%q implies %q: %t", c.x, c.y, got)
		}
	}
}
