package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// neighbours returns the name of the package in dir, the packages of its module on which it
// stands, and those that stand on it, each in levels, the bottom first: a package imports
// only those of lower levels. Tests do not count, and a package below internal/ that only
// they import is left out.
func neighbours(dir string) (self string, below, above []band, err error) {
	imports, self, err := listImports(dir)
	if err != nil {
		return "", nil, nil, err
	}
	for changed := true; changed; {
		changed = false
		for name := range imports {
			if strings.HasPrefix(name, "internal/") && !isImported(imports, name) {
				delete(imports, name)
				changed = true
			}
		}
	}
	lower, higher := map[string]bool{}, map[string]bool{}
	for name := range imports {
		if name != self && reaches(imports, self, name) {
			lower[name] = true
		}
		if name != self && reaches(imports, name, self) {
			higher[name] = true
		}
	}
	return self, levels(imports, lower), levels(imports, higher), nil
}

// listImports returns what each package of the module imports of it, with names from the
// module's root, and the name of the package in dir.
func listImports(dir string) (imports map[string][]string, self string, err error) {
	out, err := runGo(dir, "list", "-f", "{{.Module.Path}} {{.ImportPath}} {{.Module.Dir}}", ".")
	if err != nil {
		return nil, "", err
	}
	words := strings.Fields(string(out))
	if len(words) < 3 {
		return nil, "", fmt.Errorf("%s is in no module", dir)
	}
	prefix := words[0] + "/"
	short := func(name string) string { return strings.TrimPrefix(name, prefix) }
	if out, err = runGo(words[2], "list", "-json=ImportPath,Imports", "./..."); err != nil {
		return nil, "", err
	}
	imports = map[string][]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return imports, short(words[1]), nil
		} else if err != nil {
			return nil, "", err
		}
		own := slices.DeleteFunc(p.Imports, func(name string) bool { return name != words[0] && !strings.HasPrefix(name, prefix) })
		for i, name := range own {
			own[i] = short(name)
		}
		imports[short(p.ImportPath)] = own
	}
}

func runGo(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go list in %s: %w\n%s", dir, err, exit.Stderr)
	}
	return out, err
}

func isImported(imports map[string][]string, name string) bool {
	for _, list := range imports {
		if slices.Contains(list, name) {
			return true
		}
	}
	return false
}

// reaches says that one package imports another, itself or by others.
func reaches(imports map[string][]string, from, to string) bool {
	return slices.ContainsFunc(imports[from], func(name string) bool {
		return name == to || reaches(imports, name, to)
	})
}

// levels puts each package above what it imports of the same set. The title of a level
// is that of the folder that all of it is in, if it is one.
func levels(imports map[string][]string, set map[string]bool) (all []band) {
	level := map[string]int{}
	var of func(name string) int
	of = func(name string) int {
		n := 0
		for _, used := range imports[name] {
			if set[used] {
				n = max(n, of(used)+1)
			}
		}
		level[name] = n
		return n
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		for of(name) >= len(all) {
			all = append(all, band{})
		}
		b := &all[level[name]]
		b.names = append(b.names, name)
	}
	for i := range all {
		folder := path.Dir(all[i].names[0])
		one := func(name string) bool { return path.Dir(name) == folder }
		if folder != "." && !slices.ContainsFunc(all[i].names, func(name string) bool { return !one(name) }) {
			all[i].title = folder + "/"
		}
	}
	return all
}
