package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A runner tries the mutations of one tree. Its fields are not changed after run
// has begun, except where they say so.
type runner struct {
	root     string        // the tree; only read
	patterns []string      // which mutations: laws and globs; none: all
	turn     *int          // which one of each law; nil: all
	apply    bool          // run no test
	workers  int           // mutations tried at a time
	timeout  time.Duration // for the tests of one package on a mutated tree
	out      io.Writer     // written by the goroutine that called run only

	// Set by run.
	sources *sources            // of the tree that is tested
	types   *checker            // of the same tree
	tests   map[string][]tested // by name of a mutation, the packages that test its law
}

// A verdict is what became of one mutation.
type verdict struct {
	word   string // caught, SURVIVED or ERROR; or, where no test runs, applies
	detail string
	took   time.Duration
}

// run returns nil if there were mutations and each of them was caught, or, where no
// test is to run, applied.
func (r *runner) run(ctx context.Context) (err error) {
	if r.root, err = filepath.Abs(r.root); err != nil {
		return err
	}
	all, err := readMutations(r.root)
	if err != nil {
		return err
	}
	if all, err = choose(all, r.patterns); err != nil {
		return err
	}
	if r.turn != nil {
		all = oneOfEach(all, *r.turn)
	}
	if r.apply {
		return r.applyAll(ctx, all)
	}
	tmp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)

	// A copy, so that the tree may be worked on in the meantime.
	clean := filepath.Join(tmp, "tree")
	files, err := listFiles(ctx, r.root)
	if err != nil {
		return err
	}
	if err := copyTree(r.root, clean, files); err != nil {
		return err
	}
	r.sources, r.types = &sources{root: clean}, newChecker(clean)
	if r.tests, err = r.checkClean(ctx, filepath.Join(tmp, "clean"), all); err != nil {
		return err
	}
	bad := 0
	for i, v := range r.tryAll(all, func(worker int, m mutation) verdict {
		return r.try(ctx, filepath.Join(tmp, fmt.Sprint(worker)), m)
	}) {
		fmt.Fprintf(r.out, "%-8s %3.0fs  %s  %s\n", v.word, v.took.Seconds(), all[i].name, strings.TrimSpace(v.detail))
		if v.word != "caught" {
			bad++
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d mutations not caught", bad, len(all))
	}
	fmt.Fprintf(r.out, "all %d mutations caught\n", len(all))
	return nil
}

// applyAll makes sure that all mutations apply to the tree and compile. Only those
// that do not are shown.
func (r *runner) applyAll(ctx context.Context, all []mutation) error {
	r.sources, r.types = &sources{root: r.root}, newChecker(r.root)
	bad := 0
	for i, v := range r.tryAll(all, func(_ int, m mutation) verdict {
		if _, err := r.mutated(ctx, m); err != nil {
			return verdict{word: "ERROR", detail: err.Error()}
		}
		return verdict{word: "applies"}
	}) {
		if v.word != "applies" {
			fmt.Fprintf(r.out, "%-8s %s  %s\n", v.word, all[i].name, strings.TrimSpace(v.detail))
			bad++
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d mutations do not apply or do not compile", bad, len(all))
	}
	fmt.Fprintf(r.out, "all %d mutations apply and compile\n", len(all))
	return nil
}

// tryAll yields the verdicts in the order of the mutations, each as soon as it and
// those before it are known. The workers that call try have the numbers 0, 1 and so on.
func (r *runner) tryAll(all []mutation, try func(worker int, m mutation) verdict) func(func(int, verdict) bool) {
	todo := make(chan int)
	verdicts := make([]chan verdict, len(all))
	for i := range verdicts {
		verdicts[i] = make(chan verdict, 1)
	}
	for w := range max(r.workers, 1) {
		go func() {
			for i := range todo {
				begin := time.Now()
				v := try(w, all[i])
				v.took = time.Since(begin)
				verdicts[i] <- v
			}
		}()
	}
	go func() {
		defer close(todo)
		for i := range all {
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

// checkClean finds, for each mutation by its name, the packages that test its law,
// and makes sure that these tests pass on the tree as it is; dir is for files.
func (r *runner) checkClean(ctx context.Context, dir string, all []mutation) (map[string][]tested, error) {
	type group struct {
		module string
		race   bool
	}
	var (
		begin    = time.Now()
		listed   = map[string][]tested{} // by module
		packages = map[string][]tested{}
		groups   []group
		laws     = map[group][]string{}
	)
	for _, m := range all {
		if listed[m.module] == nil {
			tests, err := listTests(ctx, filepath.Join(r.sources.root, m.module))
			if err != nil {
				return nil, fmt.Errorf("on the unmutated tree: %w", err)
			}
			listed[m.module] = tests
		}
		g := group{m.module, m.race}
		if !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
		laws[g] = append(laws[g], m.law)
		packages[m.name] = testers(listed[m.module], m.tests())
	}
	for _, g := range groups {
		pattern := regexp.MustCompile(testPattern(strings.Join(unique(laws[g]), "|")))
		needed := testers(listed[g.module], pattern)
		if len(needed) == 0 {
			continue
		}
		got, err := r.test(ctx, dir, g.module, g.race, 10*time.Minute, pattern, needed, map[string]string{})
		if err != nil {
			return nil, fmt.Errorf("on the unmutated tree: %w", err)
		}
		if got.failed {
			return nil, fmt.Errorf("the unmutated tree fails, by %s:\n%s", got.blame(), got.output)
		}
	}
	fmt.Fprintf(r.out, "%-8s %3.0fs  the tests of %s pass on the tree as it is\n",
		"clean", time.Since(begin).Seconds(), strings.Join(lawsOf(all), ", "))
	if without := untried(listed, lawsOf(all)); len(r.patterns) == 0 && len(without) > 0 {
		fmt.Fprintf(r.out, "%-8s       there are tests, but no mutation, of %s\n", "note", strings.Join(without, ", "))
	}
	return packages, nil
}

// testers returns those of the packages that have a test that matches pattern.
func testers(packages []tested, pattern *regexp.Regexp) (some []tested) {
	for _, p := range packages {
		if slices.ContainsFunc(p.tests, pattern.MatchString) {
			some = append(some, p)
		}
	}
	return some
}

// mutated returns the files that m changes, as it leaves them, if that compiles.
func (r *runner) mutated(ctx context.Context, m mutation) (map[string]string, error) {
	changed, err := r.sources.apply(m)
	if err != nil {
		return nil, fmt.Errorf("does not apply: %w", err)
	}
	if err := r.types.check(ctx, m, changed); err != nil {
		return nil, fmt.Errorf("does not compile:\n%w", err)
	}
	return changed, nil
}

// try runs the tests of the law of m with the files that it changes; dir is for
// these files.
func (r *runner) try(ctx context.Context, dir string, m mutation) verdict {
	if len(r.tests[m.name]) == 0 {
		return verdict{word: "ERROR", detail: "no test matches " + m.tests().String()}
	}
	changed, err := r.mutated(ctx, m)
	if err != nil {
		return verdict{word: "ERROR", detail: err.Error()}
	}
	got, err := r.test(ctx, dir, m.module, m.race, r.timeout, m.tests(), r.tests[m.name], changed)
	switch {
	case err != nil:
		return verdict{word: "ERROR", detail: err.Error()}
	case !got.failed:
		return verdict{word: "SURVIVED", detail: "passed " + strings.Join(got.ran(), ", ")}
	default:
		return verdict{word: "caught", detail: "by " + got.blame()}
	}
}

// test runs the tests that match pattern with changed files; dir is for these files.
func (r *runner) test(ctx context.Context, dir, module string, race bool, timeout time.Duration, pattern *regexp.Regexp, packages []tested, changed map[string]string) (result, error) {
	var paths []string
	changed = maps.Clone(changed)
	for _, p := range packages {
		paths = append(paths, p.path)
		slimmed, err := slim(r.sources.root, p.files, pattern)
		if err != nil {
			return result{}, err
		}
		maps.Copy(changed, slimmed)
	}
	overlay, err := writeOverlay(dir, r.sources.root, changed)
	if err != nil {
		return result{}, err
	}
	return goTest(ctx, filepath.Join(r.sources.root, module), race, timeout, overlay, pattern.String(), paths)
}

var numbered = regexp.MustCompile(`^Test(L[0-9]+)`)

// untried returns the numbered laws that tests name and that are not among laws.
func untried(listed map[string][]tested, laws []string) (without []string) {
	for _, packages := range listed {
		for _, pkg := range packages {
			for _, name := range pkg.tests {
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
