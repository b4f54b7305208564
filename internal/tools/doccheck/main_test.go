package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	const source = `package shop

const Bare = 1

// Colours.
const (
	Red = iota
	Green
)

var Commented = 1 // Commented is one.

func Buy() {}

// Sell sells.
func Sell() {}

func hidden() {}

type Box[T any] struct {
	// Size and Weight are measured.
	Size   int
	Weight int

	Colour int
	Price  int // Price is in cents.
	secret int
}

func (b *Box[T]) Open() {}

// An Opener opens.
type Opener interface{ Open() }

// A Door opens and shuts.
type Door interface {
	Open()

	// Shut shuts.
	Shut()
}

type box struct{ Size int }

func (b box) Open() {}
`
	dir := t.TempDir()
	for name, text := range map[string]string{
		"shop.go":      source,
		"shop_test.go": "package shop\n\nfunc Ignored() {}\n",
		"later.go":     "//go:build go1.9999\n\npackage shop\n\nnot yet Go\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	missing, err := check(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range missing {
		_, line, _ = strings.Cut(line, ": ")
		got = append(got, strings.TrimSuffix(line, " has no comment"))
	}
	want := []string{"Bare", "Buy", "Box", "Box.Colour", "Box.Open", "Door.Open", "package shop"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
