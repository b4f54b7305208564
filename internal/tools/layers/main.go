// Command layers checks that the files of package actor stand in layers.
//
//	go -C internal/tools run ./layers            check; what check.sh does
//	go -C internal/tools run ./layers -v         all up arrows and mutual pairs, with the names that cause them
//	go -C internal/tools run ./layers -file F    all arrows of the file F
//	go -C internal/tools run ./layers -suggest   an order of the files with few up arrows, as LAYERS has it
//	go -C internal/tools run ./layers -lower     lowers the caps to today's figures, where those are lower
//	go -C internal/tools run ./layers -picture   draws docs/layers.svg
//
// actor/LAYERS has the name of each file on a line, the bottom first, and titles ("# Calls")
// for the groups of the picture. There is an arrow
// from a file to another of which it uses a package-level name, a field or a method. An
// arrow is up if it runs to a file that stands higher, and two files with an arrow each
// way are a mutual pair. The last line that is printed has the figures:
//
//	layers: F files, L lines, A arrows, U up, M mutual pairs, E exported
//
// E counts the exported names at package level, thus no methods or fields. Tests and
// doc.go are left out of everything, and what moments.go uses is left out of U: to name
// what stands above the kernel is what that file is for.
//
// The caps of these figures, of the lines of a file and of the lines of a function are
// in internal/tools/layers/caps.txt. The exit status is 1 if a cap is exceeded, or if
// LAYERS does not have each file once, or if docs/layers.svg is not what -picture would
// draw: the packages, the files of actor in their order, and the arrows that are up. It is 2 if the package cannot be read.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// module is the one whose package actor is checked.
const module = "github.com/bruskajp/nano_services"

// errFailed says that the package was read, and that what is wrong was printed.
var errFailed = errors.New("failed")

type options struct {
	verbose, suggest, lower bool
	file                    string
	svg                     string // the picture's file, if there is one
	draw                    bool
}

func main() {
	var o options
	flag.BoolVar(&o.verbose, "v", false, "list up arrows and mutual pairs")
	flag.StringVar(&o.file, "file", "", "list the arrows of this file")
	flag.BoolVar(&o.suggest, "suggest", false, "print an order with few up arrows, in the form of LAYERS")
	flag.BoolVar(&o.lower, "lower", false, "lower the caps to today's figures")
	flag.BoolVar(&o.draw, "picture", false, "draw docs/layers.svg")
	flag.Parse()
	err := func() error {
		if flag.NArg() > 0 {
			return fmt.Errorf("unexpected argument %q", flag.Arg(0))
		}
		root, err := findRoot()
		if err != nil {
			return err
		}
		caps := filepath.Join(root, "internal", "tools", "layers", "caps.txt")
		o.svg = filepath.Join(root, "docs", "layers.svg")
		return run(os.Stdout, filepath.Join(root, "actor"), caps, o)
	}()
	switch {
	case errors.Is(err, errFailed):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "layers:", err)
		os.Exit(2)
	}
}

// findRoot returns the nearest directory, from the working directory upwards, that has
// the module.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		if strings.TrimSpace(first) == "module "+module {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside of module %s", start, module)
		}
	}
}

// run checks the package in dir, or does what the options ask for instead.
func run(w io.Writer, dir, capsFile string, o options) error {
	p, err := load(dir)
	if err != nil {
		return err
	}
	layers, err := readLayers(dir)
	if err != nil {
		return err
	}
	if o.suggest {
		for _, name := range suggest(layers, p) {
			fmt.Fprintln(w, name)
		}
		return nil
	}
	if wrong := compare(layers, p.names()); len(wrong) > 0 {
		for _, line := range wrong {
			fmt.Fprintln(w, line)
		}
		return errFailed
	}
	caps, err := readCaps(capsFile)
	if err != nil {
		return err
	}
	ranks := ranks(layers)
	if o.file != "" {
		if _, ok := ranks[o.file]; !ok {
			return fmt.Errorf("package %s has no file %s", filepath.Base(dir), o.file)
		}
		listFile(w, p.arrows, ranks, o.file)
	}
	if o.verbose {
		listUp(w, p.arrows, ranks)
		listMutual(w, p.arrows)
	}
	now := p.figures(ranks)
	if o.lower {
		if err := caps.lower(capsFile, now); err != nil {
			return err
		}
	}
	failed := exceeded(w, p, ranks, caps, now, o.verbose)
	wrong, err := checkPicture(dir, layers, p, ranks, o)
	if err != nil {
		return err
	}
	if wrong != "" {
		fmt.Fprintln(w, wrong)
		failed = true
	}
	fmt.Fprintf(w, "layers: %d files, %d lines, %d arrows, %d up, %d mutual pairs, %d exported\n",
		now["files"], now["lines"], now["arrows"], now["up"], now["mutual"], now["exported"])
	if failed {
		return errFailed
	}
	return nil
}

// checkPicture returns what is wrong with the picture, or draws it.
func checkPicture(dir string, layers []string, p *pack, ranks map[string]int, o options) (wrong string, err error) {
	if o.svg == "" {
		return "", nil
	}
	name, below, above, err := neighbours(dir)
	if err != nil {
		return "", err
	}
	up := slices.DeleteFunc(slices.Clone(p.arrows), func(a arrow) bool { return !a.up(ranks) })
	return check(o.svg, picture(name, below, bands(layers), above, up), o.draw)
}
