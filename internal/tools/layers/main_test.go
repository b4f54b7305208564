package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shopCaps are the figures of testdata/shop, counted by hand.
//
//	files      base box later moments shop
//	lines      25 + 12 + 9 + 3 + 17
//	arrows     base -> shop       tax
//	           box -> base        Item
//	           box -> moments     begins
//	           moments -> shop    opened
//	           shop -> base       ErrEmpty, Item.note, Item.total, Seller, Seller.Sell
//	           shop -> box        Box, Box.Item, Box.open
//	up         base -> shop, box -> moments; that of moments.go is excepted
//	mutual     base and shop
//	exported   Limit ErrEmpty Item Seller Box Shop Later
const shopCaps = `# by hand
files 5
lines 66
arrows 6
up 2
mutual 1
exported 7
lines-of-a-file 25
lines-of-a-function 7
`

const shopFigures = "layers: 5 files, 66 lines, 6 arrows, 2 up, 1 mutual pairs, 7 exported\n"

// runShop runs the tool on a copy of testdata/shop, after edit has changed it.
func runShop(t *testing.T, caps string, o options, edit func(dir string)) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/shop")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), "module shop\n\ngo 1.26.0\n")
	write(t, filepath.Join(dir, "caps.txt"), caps)
	if edit != nil {
		edit(dir)
	}
	var out strings.Builder
	err := run(&out, dir, filepath.Join(dir, "caps.txt"), o)
	return out.String(), err
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFigures(t *testing.T) {
	out, err := runShop(t, shopCaps, options{}, nil)
	if err != nil || out != shopFigures {
		t.Errorf("error %v, printed\n%s", err, out)
	}
}

// Each cap that is one lower is exceeded, and what is printed says where.
func TestEachCapHolds(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"files 5", "files 4", "exceeded: files: 5, and the cap is 4\n"},
		{"lines 66", "lines 65", "exceeded: lines: 66, and the cap is 65\n"},
		{"arrows 6", "arrows 5", "exceeded: arrows: 6, and the cap is 5\n"},
		{"up 2", "up 1", "up: base.go -> shop.go: tax\nup: box.go -> moments.go: begins\nexceeded: up: 2, and the cap is 1\n"},
		{"mutual 1", "mutual 0", "mutual: base.go <-> shop.go: -> tax; <- ErrEmpty, Item.note, Item.total, Seller, Seller.Sell\nexceeded: mutual: 1, and the cap is 0\n"},
		{"exported 7", "exported 6", "exceeded: exported: 7, and the cap is 6\n"},
		{"a-file 25", "a-file 24", "base.go has 25 lines, and may have 24\n"},
		{"a-function 7", "a-function 6", "shop.go:11: Shop.Sell has 7 lines, and may have 6\n"},
	} {
		caps := strings.Replace(shopCaps, test.from, test.to, 1)
		out, err := runShop(t, caps, options{}, nil)
		if !errors.Is(err, errFailed) || !strings.HasPrefix(out, test.want) || !strings.HasSuffix(out, shopFigures) {
			t.Errorf("%s: error %v, want %q, printed\n%s", test.to, err, test.want, out)
		}
	}
}

// A file and a method may have caps of their own, which hold as well.
func TestOwnCaps(t *testing.T) {
	caps := strings.NewReplacer("a-file 25", "a-file 17", "a-function 7", "a-function 6").Replace(shopCaps)
	out, err := runShop(t, caps+"base.go 25\nShop.Sell 7\n", options{}, nil)
	if err != nil || out != shopFigures {
		t.Errorf("error %v, printed\n%s", err, out)
	}
	out, err = runShop(t, caps+"base.go 24\nShop.Sell 6\n", options{}, nil)
	want := "base.go has 25 lines, and may have 24\nshop.go:11: Shop.Sell has 7 lines, and may have 6\n" + shopFigures
	if !errors.Is(err, errFailed) || out != want {
		t.Errorf("error %v, printed\n%s", err, out)
	}
}

// -lower lowers what is too high, raises nothing, and leaves all else as it was.
func TestLower(t *testing.T) {
	caps := strings.NewReplacer("files 5", "files 9", "up 2", "up 1", "a-function 7", "a-function 6").Replace(shopCaps)
	caps += "# own\nShop.Sell 8\nItem.total 12\ngone.go 500\n"
	want := strings.NewReplacer("up 2", "up 1", "a-function 7", "a-function 6").Replace(shopCaps) + "# own\nShop.Sell 7\n"
	var file string
	out, err := runShop(t, caps, options{lower: true}, func(dir string) { file = filepath.Join(dir, "caps.txt") })
	if !errors.Is(err, errFailed) || !strings.Contains(out, "exceeded: up: 2, and the cap is 1\n") {
		t.Errorf("error %v, printed\n%s", err, out)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != want {
		t.Errorf("error %v, caps:\n%s", err, text)
	}
}

// What has room below its cap is said, and is no failure.
func TestSlack(t *testing.T) {
	out, err := runShop(t, strings.NewReplacer("up 2", "up 3", "lines 66", "lines 70").Replace(shopCaps), options{}, nil)
	if want := "caps that -lower would lower: lines, up\n" + shopFigures; err != nil || out != want {
		t.Errorf("error %v, printed\n%s", err, out)
	}
}

func TestBadCaps(t *testing.T) {
	for text, want := range map[string]string{
		shopCaps + "files 5\n":                       "a second cap of files",
		shopCaps + "fils 5\n":                        "caps.txt:10: \"fils 5\" is not a cap",
		shopCaps + "base.go\n":                       "is not a cap",
		shopCaps + "base.go -1\n":                    "is not a cap",
		shopCaps + "base.go 1 2\n":                   "is not a cap",
		strings.Replace(shopCaps, "up 2\n", "", 1):   "has no cap of up",
		strings.Replace(shopCaps, "up 2", "up x", 1): "is not a cap",
	} {
		out, err := runShop(t, text, options{}, nil)
		if err == nil || errors.Is(err, errFailed) || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("error %v, want %q, printed\n%s", err, want, out)
		}
	}
}

func TestLayersHasEachFileOnce(t *testing.T) {
	const all = "base.go\nbox.go\nmoments.go\nshop.go\nlater.go\n"
	for layers, want := range map[string]string{
		"":                                    "LAYERS: base.go is missing\n",
		strings.TrimSpace(all):                "",
		all + "box.go\n":                      "LAYERS:6: box.go stands in line 2 already\n",
		all + "new.go\n":                      "LAYERS:6: there is no file \"new.go\"\n",
		all + "\n":                            "LAYERS:6: there is no file \"\"\n",
		"# bottom\n" + all:                    "",
		"#bottom\n" + all:                     "LAYERS:1: there is no file \"#bottom\"\n",
		all + " box.go\n":                     "LAYERS:6: there is no file \" box.go\"\n",
		all + "doc.go\n":                      "LAYERS:6: doc.go does not count\n",
		all + "shop_test.go\n":                "LAYERS:6: shop_test.go does not count\n",
		strings.TrimSuffix(all, "later.go\n"): "LAYERS: later.go is missing\n",
	} {
		out, err := runShop(t, shopCaps, options{}, func(dir string) { write(t, filepath.Join(dir, "LAYERS"), layers) })
		if want == "" {
			if err != nil || out != shopFigures {
				t.Errorf("%q: error %v, printed\n%s", layers, err, out)
			}
			continue
		}
		if !errors.Is(err, errFailed) || !strings.HasPrefix(out, want) {
			t.Errorf("%q: error %v, want %q, printed\n%s", layers, err, want, out)
		}
	}
}

func TestLists(t *testing.T) {
	out, err := runShop(t, shopCaps, options{file: "moments.go"}, nil)
	want := "excepted: moments.go -> shop.go: opened\nup: box.go -> moments.go: begins\n" + shopFigures
	if err != nil || out != want {
		t.Errorf("-file: error %v, printed\n%s", err, out)
	}
	out, err = runShop(t, shopCaps, options{verbose: true}, nil)
	want = "up: base.go -> shop.go: tax\nup: box.go -> moments.go: begins\n" +
		"mutual: base.go <-> shop.go: -> tax; <- ErrEmpty, Item.note, Item.total, Seller, Seller.Sell\n" + shopFigures
	if err != nil || out != want {
		t.Errorf("-v: error %v, printed\n%s", err, out)
	}
	if out, err = runShop(t, shopCaps, options{file: "none.go"}, nil); err == nil || out != "" {
		t.Errorf("-file of none: error %v, printed\n%s", err, out)
	}
}

// A package that does not compile is an error, and no figures are printed.
func TestDoesNotCompile(t *testing.T) {
	out, err := runShop(t, shopCaps, options{}, func(dir string) {
		write(t, filepath.Join(dir, "moments.go"), "package shop\n\nfunc begins() { closed++ }\n")
	})
	if err == nil || errors.Is(err, errFailed) || !strings.Contains(err.Error(), "undefined: closed") || out != "" {
		t.Errorf("error %v, printed\n%s", err, out)
	}
}

func TestFindRoot(t *testing.T) {
	want, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".", "..", "../../..", "../../../actor"} {
		t.Run(dir, func(t *testing.T) {
			t.Chdir(dir)
			if got, err := findRoot(); err != nil || got != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		})
	}
	t.Chdir(t.TempDir())
	if got, err := findRoot(); err == nil {
		t.Errorf("found %q", got)
	}
}

// A file for a later Go than the module's has no arrows, also where the toolchain
// could build it: the figures are the same with each one.
func TestToolchainDoesNotMatter(t *testing.T) {
	out, err := runShop(t, strings.Replace(shopCaps, "files 5\nlines 66", "files 6\nlines 71", 1), options{}, func(dir string) {
		write(t, filepath.Join(dir, "go.mod"), "module shop\n\ngo 1.25.0\n")
		write(t, filepath.Join(dir, "new.go"), "//go:build go1.26\n\npackage shop\n\nfunc newer() { begins() }\n")
		write(t, filepath.Join(dir, "LAYERS"), "base.go\nbox.go\nmoments.go\nshop.go\nlater.go\nnew.go\n")
	})
	want := "layers: 6 files, 71 lines, 6 arrows, 2 up, 1 mutual pairs, 7 exported\n"
	if err != nil || out != want {
		t.Errorf("error %v, printed\n%s", err, out)
	}
}
