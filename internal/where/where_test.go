package where_test

import (
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/internal/where"
)

type shop[T any] struct{}

func (*shop[T]) Close() error { return nil }

func here() where.Place { return where.Caller(0) }

// through is a function of a package that is passed over.
//
//go:noinline
func through() where.Place { return where.Outside("github.com/bruskajp/nano_services/internal/") }

func TestPlaces(t *testing.T) {
	for _, row := range []struct {
		name  string
		place where.Place
		want  string
	}{
		{"the zero place", where.Place{}, "an unknown place"},
		{"no function", where.Entry(nil), "an unknown place"},
		{"a function", where.Entry(here), "where_test.here where_test.go:14"},
		{"a literal", where.Entry(func() {}), "where_test.TestPlaces.func1 where_test.go:"},
		{"a call", here(), "where_test.TestPlaces where_test.go:"},
		{"a call from outside", through(), "where_test.TestPlaces where_test.go:"},
		{"a Close", where.Close(&shop[int]{}), "Close where_test.go:12"},
	} {
		if got := row.place.String(); !strings.Contains(got, row.want) {
			t.Errorf("%s: %q, and not %q", row.name, got, row.want)
		}
	}
	if at := here(); !at.In("github.com/bruskajp/nano_services/internal/where_test") || at.In("github.com/bruskajp/nano_services") {
		t.Errorf("%v is not in this package alone", at)
	}
}

func TestNames(t *testing.T) {
	for _, row := range [][2]string{
		{where.Short("example.com/shop.(*Shop).Buy.func1"), "shop.(*Shop).Buy.func1"},
		{where.Short("example.com/shop.Get[example.com/a/b.T]"), "shop.Get[example.com/a/b.T]"},
		{where.Short("main.main"), "main.main"},
		{where.Type[shop[int]](), "shop"},
		{where.Type[*int](), "*int"},
		{where.Type[int](), "int"},
	} {
		if row[0] != row[1] {
			t.Errorf("%q, and not %q", row[0], row[1])
		}
	}
}
