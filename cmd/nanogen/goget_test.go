package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

const (
	repository = "github.com/bruskajp/nano_services"

	// nextRelease is the version that the modules have in TestGoGet, and in go.mod files
	// unreleased is one that a release replaces, see CONTRIBUTING.rst.
	nextRelease = "v0.9.9"
	unreleased  = "v0.0.0"
)

// What users do with a release: the tree is served as a module proxy, each library module
// and the command are got from there, and a service is generated, built and run.
func TestGoGet(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds the command once more")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	proxy := t.TempDir()
	modules := libraryModules(t, root)
	for path, dir := range modules {
		serve(t, proxy, modules, path, dir)
	}
	u := newUser(t, proxy)
	u.run("mod", "init", "example.com/user")
	for path := range modules {
		u.get(path + "@" + nextRelease)
	}
	u.get("-tool", repository+"/cmd/nanogen@"+nextRelease)
	if got, want := u.run("tool", "nanogen", "-version"), "nanogen "+nextRelease+"\n"; got != want {
		t.Errorf("go tool nanogen -version prints %q, want %q", got, want)
	}
	writeFile(t, filepath.Join(u.dir, "main.go"), userProgram)
	u.run("generate", ".")
	u.run("mod", "tidy")
	u.run("vet", ".")
	if got := u.run("run", "."); got != "5\n" {
		t.Errorf("the program prints %q, want 5", got)
	}
}

const userProgram = `package main

import (
	"context"
	"fmt"
)

//go:generate go tool nanogen -type Counter

type Counter struct{ n int }

func NewCounter() *Counter { return &Counter{} }

func (c *Counter) Add(by int) { c.n += by }

func (c *Counter) Value() int { return c.n }

func main() {
	ctx := context.Background()
	counter := NewCounterService()
	go counter.Service().Serve(ctx)
	counter.Add(2)
	counter.Add(3)
	n, err := counter.Value(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(n)
	counter.Service().Stop(ctx)
}
`

// libraryModules returns the paths of the modules of the repository that others use, and
// their directories.
func libraryModules(t *testing.T, root string) map[string]string {
	t.Helper()
	mains := map[string]bool{"benchmarks": true, "examples": true, "internal": true}
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (mains[rel] || d.Name() == "testdata" || rel != "." && d.Name()[0] == '.') {
			return filepath.SkipDir
		}
		if d.Name() == "go.mod" {
			dir := filepath.Dir(path)
			sub, _ := filepath.Rel(root, dir)
			all[strings.TrimSuffix(repository+"/"+filepath.ToSlash(sub), "/.")] = dir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, dir := range all {
		if got := modfile.ModulePath([]byte(readFile(t, filepath.Join(dir, "go.mod")))); got != path {
			t.Errorf("%s is the module %s: it cannot be got", path, got)
		}
	}
	return all
}

// released returns the go.mod file of a module as a release has it: what it requires of
// this repository has the same version.
func released(t *testing.T, modules map[string]string, dir string) []byte {
	t.Helper()
	file := filepath.Join(dir, "go.mod")
	f, err := modfile.Parse(file, []byte(readFile(t, file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range f.Require {
		if _, own := modules[r.Mod.Path]; !own {
			continue
		}
		if r.Mod.Version != unreleased {
			t.Errorf("%s requires %s %s, and a release replaces %s", file, r.Mod.Path, r.Mod.Version, unreleased)
		}
		if err := f.AddRequire(r.Mod.Path, nextRelease); err != nil {
			t.Fatal(err)
		}
	}
	text, err := f.Format()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// serve puts a module into a directory that is a module proxy.
func serve(t *testing.T, proxy string, modules map[string]string, path, dir string) {
	t.Helper()
	escaped, err := module.EscapePath(path)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	mod := released(t, modules, dir)
	info, err := json.Marshal(map[string]string{"Version": nextRelease, "Time": "2026-01-02T03:04:05Z"})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(base, "list"), nextRelease+"\n")
	writeFile(t, filepath.Join(base, nextRelease+".info"), string(info))
	writeFile(t, filepath.Join(base, nextRelease+".mod"), string(mod))

	files, err := modzip.CheckDir(dir)
	if err == nil {
		err = files.Err()
	}
	if err != nil {
		t.Fatalf("%s cannot be a module: %v", path, err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range files.Valid {
		name, text := strings.TrimPrefix(file, dir+string(filepath.Separator)), []byte(readFile(t, file))
		switch name {
		case "go.mod":
			text = mod
		case ".git": // of a worktree
			continue
		}
		f, err := w.Create(path + "@" + nextRelease + "/" + filepath.ToSlash(name))
		if err == nil {
			_, err = f.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(base, nextRelease+".zip"), out.String())
}

// A user has a module, and a module cache of its own.
type user struct {
	*testing.T
	dir   string
	env   []string
	wider string // GOPROXY, if what is on this machine does not suffice
}

func newUser(t *testing.T, proxy string) *user {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("go", "env", "-json", "GOFLAGS", "GOMODCACHE", "GOPROXY").Output()
	var has struct{ GOFLAGS, GOMODCACHE, GOPROXY string }
	if err == nil {
		err = json.Unmarshal(text, &has)
	}
	if err != nil {
		t.Fatal(err)
	}
	// What other modules there are on this machine is served as well: so nothing is
	// looked up elsewhere, unless something is missing.
	here := "file://" + filepath.ToSlash(proxy) + ",file://" + filepath.ToSlash(filepath.Join(has.GOMODCACHE, "cache", "download"))
	env := append(os.Environ(), "PWD="+dir, "GOWORK=off", "GOTOOLCHAIN=local", "GOSUMDB=off", "GOPROXY="+here,
		"GOMODCACHE="+t.TempDir(),
		// Without -trimpath all would be compiled anew each time.
		"GOFLAGS="+strings.TrimSpace(has.GOFLAGS+" -modcacherw -trimpath"))
	return &user{t, dir, env, "GOPROXY=" + here + "," + has.GOPROXY}
}

// get runs go get.
func (u *user) get(args ...string) {
	u.Helper()
	args = append([]string{"get"}, args...)
	if _, err := u.command(args...); err != nil {
		u.Logf("not all is on this machine: %v", err)
		u.env = append(u.env, u.wider)
		u.run(args...)
	}
}

// run runs the go command, which has to succeed, and returns what it printed.
func (u *user) run(args ...string) string {
	u.Helper()
	out, err := u.command(args...)
	if err != nil {
		u.Fatal(err)
	}
	return out
}

func (u *user) command(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = u.dir, u.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out), err
}
