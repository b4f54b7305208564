package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The picture in the repository is of today. (The command compares it, too.)
func TestPictureOfActor(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	caps := filepath.Join(root, "internal", "tools", "layers", "caps.txt")
	var out strings.Builder
	err = run(&out, filepath.Join(root, "actor"), caps, options{svg: filepath.Join(root, "docs", "layers.svg")})
	if strings.Contains(out.String(), "-picture") || err != nil && !errors.Is(err, errFailed) {
		t.Errorf("error %v, printed\n%s", err, out.String())
	}
}

// What is drawn is of today until an arrow turns up, or a file has another place or title.
func TestPictureAges(t *testing.T) {
	svg := filepath.Join(t.TempDir(), "shop.svg")
	drawn, err := runShop(t, shopCaps, options{svg: svg, draw: true}, nil)
	if err != nil || drawn != shopFigures {
		t.Fatalf("error %v, printed\n%s", err, drawn)
	}
	text, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">base</text>", ">moments</text>", "<title>base.go uses shop.go</title>", "<title>box.go uses moments.go</title>"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing", want)
		}
	}
	if n := strings.Count(string(text), `class="up"`); n != 2 {
		t.Errorf("%d arrows are up", n)
	}
	for name, test := range map[string]struct {
		layers string
		old    bool
	}{
		"as it was":         {"base.go\nbox.go\nmoments.go\nshop.go\nlater.go\n", false},
		"with a title":      {"# All\nbase.go\nbox.go\nmoments.go\nshop.go\nlater.go\n", true},
		"another order":     {"base.go\nbox.go\nmoments.go\nlater.go\nshop.go\n", true},
		"fewer arrows up":   {"shop.go\nbase.go\nmoments.go\nbox.go\nlater.go\n", true},
		"a title higher up": {"base.go\nbox.go\nmoments.go\nshop.go\n# Later\nlater.go\n", true},
	} {
		out, err := runShop(t, shopCaps, options{svg: svg}, func(dir string) { write(t, filepath.Join(dir, "LAYERS"), test.layers) })
		if old := strings.Contains(out, "is not of today"); old != test.old || old != errors.Is(err, errFailed) {
			t.Errorf("%s: error %v, printed\n%s", name, err, out)
		}
	}
	if _, err := runShop(t, shopCaps, options{svg: svg + ".none"}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a picture: %v", err)
	}
}

// A package stands above all that it imports, and what only tests import is left out.
func TestNeighbours(t *testing.T) {
	module := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                     "module street\n\ngo 1.26.0\n",
		"street.go":                  "package street\n",
		"shop/shop.go":               "package shop\n\nimport (\n\t_ \"strings\"\n\t_ \"street/internal/floor\"\n\t_ \"street/wall\"\n)\n",
		"internal/floor/floor.go":    "package floor\n\nimport _ \"street/wall\"\n",
		"wall/wall.go":               "package wall\n\nimport _ \"street/internal/brick\"\n",
		"internal/brick/brick.go":    "package brick\n",
		"internal/paint/paint.go":    "package paint\n\nimport _ \"street/shop\"\n", // for tests
		"internal/brush/brush.go":    "package brush\n\nimport _ \"street/internal/paint\"\n",
		"internal/brick/all_test.go": "package brick\n\nimport _ \"street/sign\"\n",
		"sign/sign.go":               "package sign\n\nimport _ \"street/shop\"\n",
		"sign/light/light.go":        "package light\n\nimport _ \"street/sign\"\n",
		"sign/lamp/lamp.go":          "package lamp\n\nimport _ \"street/sign\"\n",
		"lane/lane.go":               "package lane\n",
	} {
		name = filepath.Join(module, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, name, text)
	}
	name, below, above, err := neighbours(filepath.Join(module, "shop"))
	if err != nil || name != "shop" {
		t.Fatalf("%q, %v", name, err)
	}
	if want := []band{{"internal/", []string{"internal/brick"}}, {"", []string{"wall"}}, {"internal/", []string{"internal/floor"}}}; !reflect.DeepEqual(below, want) {
		t.Errorf("below: %v, want %v", below, want)
	}
	if want := []band{{"", []string{"sign"}}, {"sign/", []string{"sign/lamp", "sign/light"}}}; !reflect.DeepEqual(above, want) {
		t.Errorf("above: %v, want %v", above, want)
	}
}
