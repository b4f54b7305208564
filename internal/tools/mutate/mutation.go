package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A mutation takes one law of the library out of force.
type mutation struct {
	name    string   // L4-crashed-again
	law     string   // L4
	about   string   // what goes wrong for a user
	race    bool     // only the race detector sees it
	imports []string // paths of packages that its lines use besides those that the files import
	edits   []edit
	module  string // the directory, from the root, of the module that it changes
}

// An edit changes lines of one declaration.
type edit struct {
	dir   string // of the package, from the root, with slashes
	decl  string // (*core).crashed, newCall, const x
	lines []line
	at    string // where it is written: L04.txt:12
}

// A line of an edit. Those that stay and those that go are the text that is looked
// for, in this order.
type line struct {
	op   byte // ' ' stays, '-' goes, '+' comes
	text string
}

var (
	fileName  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*)\.txt$`)
	firstLine = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9-]*): +(\S.*)$`)
	inLine    = regexp.MustCompile(`^in ([\w./-]+): +(\S.*?)\s*$`)
	zeros     = regexp.MustCompile(`^(L)0+([0-9])`)
)

// readMutations returns those of all files of testdata/mutations, in the order of
// the files.
func readMutations(root string) (all []mutation, err error) {
	files, err := filepath.Glob(filepath.Join(root, "testdata", "mutations", "*.txt"))
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, file := range files {
		of := fileName.FindStringSubmatch(filepath.Base(file))
		if of == nil {
			return nil, fmt.Errorf("%s: a file is named by its law, L04.txt, or by a word", file)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		// L04.txt, so that files sort, but TestL4 and docs say L4.
		some, err := parse(zeros.ReplaceAllString(of[1], "$1$2"), filepath.Base(file), string(text))
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			if names[m.name] {
				return nil, fmt.Errorf("two mutations have the name %s", m.name)
			}
			names[m.name] = true
			if m.module, err = moduleOf(root, m); err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no mutations in testdata/mutations")
	}
	return all, nil
}

// parse reads the mutations of one file. README.rst beside these files has the
// format.
func parse(law, file, text string) (all []mutation, err error) {
	var m *mutation // the one that is being read; nil between two
	for i, s := range strings.Split(text, "\n") {
		at := fmt.Sprintf("%s:%d", file, i+1)
		switch {
		case strings.HasPrefix(s, "#"):
		case strings.TrimSpace(s) == "":
			m = nil
		case m == nil:
			if strings.IndexByte(" \t-+", s[0]) >= 0 || inLine.MatchString(s) {
				return nil, fmt.Errorf("%s: a mutation begins with its name, a colon, and what goes wrong", at)
			}
			name, about := strconv.Itoa(len(all)+1), s
			if first := firstLine.FindStringSubmatch(s); first != nil {
				name, about = first[1], first[2]
			}
			all = append(all, mutation{name: law + "-" + name, law: law, about: about})
			m = &all[len(all)-1]
		default:
			if err := m.add(s, at); err != nil {
				return nil, fmt.Errorf("%s: %w", at, err)
			}
		}
	}
	for _, m := range all {
		if err := m.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return all, nil
}

// add takes a line of m behind its first one.
func (m *mutation) add(s, at string) error {
	if in := inLine.FindStringSubmatch(s); in != nil {
		m.edits = append(m.edits, edit{dir: path.Clean(in[1]), decl: in[2], at: at})
		return nil
	}
	op := s[0]
	if op == '\t' {
		op = ' '
	}
	change := strings.IndexByte(" -+", op) >= 0
	switch rest, imports := strings.CutPrefix(s, "import: "); {
	case change && len(m.edits) == 0:
		return errors.New("a line of code without a line before it that says in which declaration: in PACKAGE: NAME")
	case change:
		e := &m.edits[len(m.edits)-1]
		if op != '+' && tokens(s[1:]) == "" {
			return errors.New("comments and empty lines are not compared, so they cannot be looked for")
		}
		e.lines = append(e.lines, line{op, strings.TrimPrefix(s[1:], " ")})
	case len(m.edits) > 0:
		return errors.New("a line of code begins with a blank, - or +")
	case s == "race: yes":
		m.race = true
	case imports:
		m.imports = append(m.imports, strings.Fields(rest)...)
	default:
		m.about += " " + s
	}
	return nil
}

// check refuses what changes nothing, or would be put just anywhere.
func (m *mutation) check() error {
	if len(m.edits) == 0 {
		return errors.New("changes nothing: it has no line like: in actor: (*core).crashed")
	}
	for _, e := range m.edits {
		var old, new []string
		for _, l := range e.lines {
			if l.op != '+' {
				old = append(old, tokens(l.text))
			}
			if l.op != '-' {
				new = append(new, tokens(l.text))
			}
		}
		switch {
		case len(old) == 0:
			return fmt.Errorf("%s: no line says where: one has to begin with a blank or -", e.at)
		case strings.Join(old, "\n") == strings.Join(new, "\n"):
			return fmt.Errorf("%s: changes nothing", e.at)
		}
	}
	return nil
}

// moduleOf returns the directory of the module that m changes: the nearest one above
// its packages that has a go.mod.
func moduleOf(root string, m mutation) (module string, err error) {
	for i, e := range m.edits {
		if info, err := os.Stat(filepath.Join(root, e.dir)); err != nil || !info.IsDir() {
			return "", fmt.Errorf("%s: there is no folder %s", e.at, e.dir)
		}
		dir := e.dir
		for dir != "." {
			if _, err := os.Stat(filepath.Join(root, dir, "go.mod")); err == nil {
				break
			} else if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
			dir = path.Dir(dir)
		}
		if i > 0 && dir != module {
			return "", fmt.Errorf("changes two modules, %s and %s", module, dir)
		}
		module = dir
	}
	return module, nil
}
