package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A runner tries the patches of one tree. Its fields are not changed after run
// has begun, except where they say so.
type runner struct {
	root    string        // the tree; only read
	pattern string        // which patches: a law, a glob, or empty for all
	turn    *int          // which one of each law; nil: all
	workers int           // patches tried at a time
	timeout time.Duration // for the tests of one package on a mutated tree
	out     io.Writer     // written by the goroutine that called run only

	files []string // of the tree, relative to root; set by run, then only read
}

// A verdict is what became of one patch.
type verdict struct {
	word   string // caught, SURVIVED or ERROR
	detail string
	took   time.Duration
}

// run returns nil if there were patches and each of them was caught.
func (r *runner) run(ctx context.Context) (err error) {
	if r.root, err = filepath.Abs(r.root); err != nil {
		return err
	}
	if r.files, err = listFiles(ctx, r.root); err != nil {
		return err
	}
	patches, err := readPatches(r.root, r.pattern)
	if err != nil {
		return err
	}
	if r.turn != nil {
		patches = oneOfEach(patches, *r.turn)
	}
	tmp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)

	clean := filepath.Join(tmp, "0", "tree")
	if err := copyTree(r.root, clean, r.files); err != nil {
		return err
	}
	packages, err := r.checkClean(ctx, clean, patches)
	if err != nil {
		return err
	}
	bad := 0
	for i, v := range r.tryAll(ctx, tmp, patches, packages) {
		fmt.Fprintf(r.out, "%-8s %3.0fs  %s  %s\n", v.word, v.took.Seconds(), patches[i].name, v.detail)
		if v.word != "caught" {
			bad++
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d mutations not caught", bad, len(patches))
	}
	fmt.Fprintf(r.out, "all %d mutations caught\n", len(patches))
	return nil
}

// tryAll yields the verdicts in the order of the patches, each as soon as it and
// those before it are known.
//
// A worker keeps its directory from patch to patch: the go command's cache depends
// on the path of a package, so that only what a patch touches is compiled again.
func (r *runner) tryAll(ctx context.Context, tmp string, patches []patch, packages map[string][]string) func(func(int, verdict) bool) {
	todo := make(chan int)
	verdicts := make([]chan verdict, len(patches))
	for i := range verdicts {
		verdicts[i] = make(chan verdict, 1)
	}
	for w := range max(r.workers, 1) {
		dir := filepath.Join(tmp, fmt.Sprint(w+1), "tree")
		go func() {
			for i := range todo {
				begin := time.Now()
				p := patches[i]
				v := r.try(ctx, dir, p, packages[p.name])
				v.took = time.Since(begin)
				verdicts[i] <- v
			}
		}()
	}
	go func() {
		defer close(todo)
		for i := range patches {
			todo <- i
		}
	}()
	return func(yield func(int, verdict) bool) {
		for i := range verdicts {
			if !yield(i, <-verdicts[i]) {
				return
			}
		}
	}
}

// checkClean finds, for each patch by its name, the packages that test its law,
// and makes sure that these tests pass on the tree as it is.
func (r *runner) checkClean(ctx context.Context, dir string, patches []patch) (map[string][]string, error) {
	type group struct {
		module string
		race   bool
	}
	var (
		begin    = time.Now()
		listed   = map[string]map[string][]string{} // module to package to tests
		packages = map[string][]string{}
		groups   []group
		laws     = map[group][]string{}
		needed   = map[group][]string{}
	)
	for _, p := range patches {
		if listed[p.module] == nil {
			tests, err := listTests(ctx, filepath.Join(dir, p.module))
			if err != nil {
				return nil, fmt.Errorf("on the unmutated tree: %w", err)
			}
			listed[p.module] = tests
		}
		for pkg, tests := range listed[p.module] {
			if slices.ContainsFunc(tests, p.tests().MatchString) {
				packages[p.name] = append(packages[p.name], pkg)
			}
		}
		slices.Sort(packages[p.name])
		g := group{p.module, p.race}
		if !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
		laws[g] = append(laws[g], p.law)
		needed[g] = append(needed[g], packages[p.name]...)
	}
	for _, g := range groups {
		all := unique(needed[g])
		if len(all) == 0 {
			continue
		}
		pattern := testPattern(strings.Join(unique(laws[g]), "|"))
		got, err := goTest(ctx, filepath.Join(dir, g.module), g.race, 10*time.Minute, pattern, all)
		if err != nil {
			return nil, fmt.Errorf("on the unmutated tree: %w", err)
		}
		if got.failed {
			return nil, fmt.Errorf("the unmutated tree fails, by %s:\n%s", got.blame(), got.output)
		}
	}
	fmt.Fprintf(r.out, "%-8s %3.0fs  the tests of %s pass on the tree as it is\n",
		"clean", time.Since(begin).Seconds(), strings.Join(lawsOf(patches), ", "))
	if without := untried(listed, lawsOf(patches)); r.pattern == "" && len(without) > 0 {
		fmt.Fprintf(r.out, "%-8s       there are tests, but no mutation, of %s\n", "note", strings.Join(without, ", "))
	}
	return packages, nil
}

// try applies p to a fresh copy of the tree in dir and runs the tests of its law
// in the packages given.
func (r *runner) try(ctx context.Context, dir string, p patch, packages []string) verdict {
	if len(packages) == 0 {
		return verdict{word: "ERROR", detail: "no test matches " + p.tests().String()}
	}
	if err := errors.Join(os.RemoveAll(dir), copyTree(r.root, dir, r.files)); err != nil {
		return verdict{word: "ERROR", detail: err.Error()}
	}
	if err := p.apply(ctx, dir); err != nil {
		return verdict{word: "ERROR", detail: "does not apply: " + err.Error()}
	}
	module := filepath.Join(dir, p.module)
	if out, err := goCommand(ctx, module, "build", "./...").CombinedOutput(); err != nil {
		return verdict{word: "ERROR", detail: "does not compile:\n" + string(out)}
	}
	got, err := goTest(ctx, module, p.race, r.timeout, p.tests().String(), packages)
	switch {
	case err != nil:
		return verdict{word: "ERROR", detail: err.Error()}
	case !got.failed:
		return verdict{word: "SURVIVED", detail: "passed " + strings.Join(got.ran(), ", ")}
	default:
		return verdict{word: "caught", detail: "by " + got.blame()}
	}
}

var numbered = regexp.MustCompile(`^Test(L[0-9]+)`)

// untried returns the numbered laws that tests name and that are not among laws.
func untried(listed map[string]map[string][]string, laws []string) (without []string) {
	for _, packages := range listed {
		for _, tests := range packages {
			for _, name := range tests {
				if m := numbered.FindStringSubmatch(name); m != nil && !slices.Contains(laws, m[1]) {
					without = append(without, m[1])
				}
			}
		}
	}
	without = unique(without)
	slices.SortStableFunc(without, func(a, b string) int { return len(a) - len(b) })
	return without
}

func unique(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}
