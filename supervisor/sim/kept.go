package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Failures are kept as text, one a file, in testdata/sim and the name of the test:
//
//	nano sim 1
//	seed pos.39.32b41ec936
//	fails invariant: no acknowledged write is lost
//	without writer2
//	fault crash-after db/store/9
//	at db/journal/3 run writer0
//
// "fails" is a comment. A line that matches nothing in a run, because the program has changed,
// is passed over there.
const keptHead = "nano sim 1"

// fileName returns a test's name as that of a folder.
func fileName(test string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, test)
}

// keep writes a failure, and returns the name of the file.
func (s *session) keep(sd seed, f *failure, small schedule) (string, error) {
	var b strings.Builder
	name := strings.ReplaceAll(f.kind+": "+f.name, "\n", " ")
	fmt.Fprintf(&b, "%s\nseed %v\nfails %s\n", keptHead, sd, name)
	for _, name := range small.without {
		fmt.Fprintf(&b, "without %s\n", name)
	}
	for _, f := range small.faults {
		fmt.Fprintf(&b, "fault %v\n", f)
	}
	for _, d := range small.switches {
		fmt.Fprintf(&b, "at %s run %s\n", d.at, d.run)
	}
	file := filepath.Join(s.folder, fmt.Sprintf("%010x", sd.number))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return "", err
	}
	return file, os.WriteFile(file, []byte(b.String()), 0o666)
}

// parseKept reads what keep wrote.
func parseKept(text string) (sd seed, s schedule, err error) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if lines[0] != keptHead {
		return sd, s, fmt.Errorf("line 1 is %q, and not %q", lines[0], keptHead)
	}
	for i, line := range lines[1:] {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "seed":
			sd, err = parseSeed(rest)
		case "fails", "":
		case "without":
			s.without = append(s.without, rest)
		case "fault":
			kind, at, _ := strings.Cut(rest, " ")
			if !slices.Contains(faultKinds, faultKind(kind)) || at == "" {
				err = fmt.Errorf("%q is no fault", rest)
			}
			s.faults = append(s.faults, fault{faultKind(kind), at})
		case "at":
			at, run, ok := strings.Cut(rest, " run ")
			if !ok {
				err = errors.New("it does not say what to run")
			}
			s.switches = append(s.switches, deviation{at, run})
		default:
			err = fmt.Errorf("%q is not known", word)
		}
		if err != nil {
			return sd, s, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return sd, s, nil
}

// runsKept runs the failures that were kept. It reports whether all pass.
func (s *session) runsKept() bool {
	s.t.Helper()
	entries, err := os.ReadDir(s.folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.errorf("sim: kept failures: %v", err)
	}
	passes := true
	for _, e := range entries {
		file := filepath.Join(s.folder, e.Name())
		text, err := os.ReadFile(file)
		if err != nil {
			s.errorf("sim: a kept failure: %v", err)
			continue
		}
		sd, small, err := parseKept(string(text))
		if err != nil {
			s.errorf("sim: %s, which is left as it is: %v", file, err)
			continue
		}
		r := s.once(sd, small.replay(), small.without, true)
		switch {
		case r.failure != nil:
			passes = false
			s.errorf("sim: %s failed: %s\n%safter step %d: %s",
				file, r.failure.text, r.kern.tale.text(40), r.failure.step, r.failure.text)
		case s.opts.prune:
			if err := os.Remove(file); err != nil {
				s.errorf("sim: a kept failure that passes: %v", err)
			}
		}
	}
	return passes
}
