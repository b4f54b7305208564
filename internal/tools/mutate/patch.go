package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A patch is one file of testdata/mutations.
type patch struct {
	file   string // absolute
	name   string // without directory and suffix: L4-runs-the-closure-again
	law    string // the name up to its first hyphen
	module string // the directory, from the root, of the module that it changes
	race   bool   // its leading text has a line "race: yes"
}

// testPattern matches the names of the tests of a law, and not those of a law
// whose number only begins with the same digits.
func testPattern(law string) string { return "^Test(" + law + ")([^0-9]|$)" }

func (p patch) tests() *regexp.Regexp {
	return regexp.MustCompile(testPattern(regexp.QuoteMeta(p.law)))
}

var (
	lawName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	raceLine = regexp.MustCompile(`(?m)^race: yes\s*$`)
	target   = regexp.MustCompile(`(?m)^(?:---|\+\+\+) [ab]/(\S+)`)
)

// readPatches returns the patches that pattern selects, by number of law. It is an
// error if there are none.
func readPatches(root, pattern string) ([]patch, error) {
	files, err := filepath.Glob(filepath.Join(root, "testdata", "mutations", "*.patch"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("no patches in testdata/mutations")
	}
	var patches []patch
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".patch")
		law, what, _ := strings.Cut(name, "-")
		if !lawName.MatchString(law) || what == "" {
			return nil, fmt.Errorf("%s.patch: the name is not LAW-what.patch", name)
		}
		if ok, err := path.Match(pattern, name); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", pattern, err)
		} else if !ok && pattern != "" && pattern != law {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		p := patch{file: file, name: name, law: law}
		if p.module, err = moduleOf(root, string(text)); err != nil {
			return nil, fmt.Errorf("%s.patch: %w", name, err)
		}
		head := text
		if at := regexp.MustCompile(`(?m)^(diff |--- )`).FindIndex(text); at != nil {
			head = text[:at[0]]
		}
		p.race = raceLine.Match(head)
		patches = append(patches, p)
	}
	if len(patches) == 0 {
		return nil, fmt.Errorf("no patch in testdata/mutations matches %q", pattern)
	}
	// Shorter first, so that L4 comes before L14.
	slices.SortStableFunc(patches, func(a, b patch) int { return len(a.law) - len(b.law) })
	return patches, nil
}

// others is how many patches of what is not a numbered law have their turn at once.
const others = 4

var lawNumber = regexp.MustCompile(`^L[0-9]+$`)

// oneOfEach returns of each numbered law the patch whose turn it is, and of all others
// together the next few.
func oneOfEach(patches []patch, turn int) (chosen []patch) {
	groups := map[string][]string{} // names of patches; by law, those of the others by ""
	key := func(p patch) string {
		if lawNumber.MatchString(p.law) {
			return p.law
		}
		return ""
	}
	for _, p := range patches {
		groups[key(p)] = append(groups[key(p)], p.name)
	}
	due := map[string]bool{}
	for law, names := range groups {
		if law != "" {
			due[names[turn%len(names)]] = true
			continue
		}
		for i := range min(others, len(names)) {
			due[names[(turn*others+i)%len(names)]] = true
		}
	}
	for _, p := range patches {
		if due[p.name] {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// moduleOf returns the directory of the module that the patch changes: the nearest
// one above its files that has a go.mod.
func moduleOf(root, text string) (string, error) {
	module := ""
	for i, m := range target.FindAllStringSubmatch(text, -1) {
		dir := path.Dir(m[1])
		for dir != "." {
			if _, err := os.Stat(filepath.Join(root, dir, "go.mod")); err == nil {
				break
			}
			dir = path.Dir(dir)
		}
		if i > 0 && dir != module {
			return "", fmt.Errorf("changes two modules, %s and %s", module, dir)
		}
		module = dir
	}
	if module == "" {
		return "", errors.New("changes no file: it has no line that begins with +++ b/")
	}
	return module, nil
}

// apply changes the tree in dir. The place of a change may have moved, but what
// stands around it has to be the same: a patch applied to similar code elsewhere
// would prove nothing.
func (p patch) apply(ctx context.Context, dir string) error {
	cmd := exec.CommandContext(ctx, "git", "apply", "--whitespace=nowarn", p.file)
	cmd.Dir = dir
	// The copy is no repository, nor part of one that its directory may be in.
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// lawsOf returns the laws of the patches, each once, in their order.
func lawsOf(patches []patch) (laws []string) {
	for _, p := range patches {
		if !slices.Contains(laws, p.law) {
			laws = append(laws, p.law)
		}
	}
	return laws
}

// listFiles returns the files of the tree that git knows or would add, or, where
// there is no git repository that may be read, all but hidden ones.
func listFiles(ctx context.Context, root string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-coz", "--exclude-standard")
	cmd.Dir = root
	if out, err := cmd.Output(); err == nil && len(out) > 0 {
		return unique(strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")), nil
	}
	var files []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir():
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// copyTree copies the files from root to dir. One that is deleted, and still
// listed by git, is left out.
func copyTree(root, dir string, files []string) error {
	for _, name := range files {
		from, to := filepath.Join(root, name), filepath.Join(dir, name)
		info, err := os.Stat(from)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}
