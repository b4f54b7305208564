// Package against builds the benchmarks anew, with the library of another commit beside
// that of the working tree: before and after are compared in one run of one program.
//
// The commit's library is written to a temporary directory, under another module path. The
// program is built where it is, with a go.mod of its own that requires both (-modfile), and
// with package before replaced (-overlay): there is the code that drives the library, the
// same as in package systems as long as it compiles with the commit. Nothing is written
// into the repository.
package against

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is a program that was built.
type Program struct {
	Path string // of the executable

	// LeftOut has a line for each part of the library that can not be compared, with the
	// reason.
	LeftOut []string

	dir string
}

// Remove removes the program, and all that was made for it.
func (p *Program) Remove() error { return os.RemoveAll(p.dir) }

// build is a program that is being built.
type build struct {
	root, dir string // of the repository, and the temporary one
	hash      string
	commit    string // described
	module    string // the path of the library's module
	renaming  renaming
	overlay   map[string]string // what stands for which file of the repository
	has       []part
	leftOut   []string
}

// Build builds the benchmarks of the clone that dir is in, with the library of commit rev.
// It takes some seconds. The caller removes the program.
func Build(ctx context.Context, dir, rev string) (*Program, error) {
	root, err := top(ctx, dir)
	if err != nil {
		return nil, err
	}
	hash, err := resolve(ctx, root, rev)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "nano_services-before-")
	if err != nil {
		return nil, err
	}
	b := &build{root: root, dir: temp, hash: hash, overlay: make(map[string]string)}
	p := &Program{Path: filepath.Join(temp, "benchmarks"), dir: temp}
	if err := b.all(ctx, p.Path); err != nil {
		_ = p.Remove()
		return nil, err
	}
	p.LeftOut = b.leftOut
	return p, nil
}

func (b *build) all(ctx context.Context, exe string) (err error) {
	if b.commit, err = describe(ctx, b.root, b.hash); err != nil {
		return err
	}
	if err := b.library(ctx); err != nil {
		return err
	}
	if err := b.modfile(); err != nil {
		return err
	}
	aliases, err := types(filepath.Join(b.root, filepath.FromSlash(driverFolder)), b.module+"/"+driverFolder)
	if err != nil {
		return err
	}
	if err := b.replace("types.go", aliases); err != nil {
		return err
	}
	if err := b.present(); err != nil {
		return err
	}
	if err := b.compile(ctx, "-o", exe, "."); err == nil || ctx.Err() != nil {
		return err
	}
	for _, p := range parts {
		for _, file := range p.files() {
			delete(b.overlay, b.place(file))
		}
	}
	for _, p := range parts {
		if err := b.part(ctx, p); err != nil {
			return err
		}
	}
	return b.compile(ctx, "-o", exe, ".")
}

// present has all parts as they are in the working tree, which saves compiling each with
// those before it where that suits the commit.
func (b *build) present() error {
	for _, p := range parts {
		for _, file := range p.files() {
			text, err := os.ReadFile(filepath.Join(b.root, filepath.FromSlash(driverFolder), file))
			if err != nil {
				return err
			}
			if err := b.replace(file, driver(string(text), b.renaming)); err != nil {
				return err
			}
		}
	}
	return b.replace("before.go", face(b.commit, parts))
}

// library writes the library of the commit.
func (b *build) library(ctx context.Context) error {
	mod, err := os.ReadFile(filepath.Join(b.root, "go.mod"))
	if err != nil {
		return err
	}
	if b.module, err = modulePath(mod); err != nil {
		return err
	}
	b.renaming = rename(b.module, b.module+"_before")
	lib := filepath.Join(b.dir, "library")
	if err := os.Mkdir(lib, 0o755); err != nil {
		return err
	}
	return export(ctx, b.root, b.hash, lib, b.renaming)
}

// modfile writes a go.mod like that of the benchmarks, that has the other library as well.
func (b *build) modfile() error {
	mod, err := os.ReadFile(filepath.Join(b.root, "benchmarks", "go.mod"))
	if err != nil {
		return err
	}
	path, lib := b.module+"_before", filepath.Join(b.dir, "library")
	mod = fmt.Appendf(mod, "\nrequire %s v0.0.0\n\nreplace %s => %s\n", path, path, lib)
	var sums []byte
	for _, name := range []string{filepath.Join(b.root, "benchmarks", "go.sum"), filepath.Join(lib, "go.sum")} {
		sum, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) { // without requirements there is none
			return err
		}
		sums = append(sums, sum...)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "go.mod"), mod, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.dir, "go.sum"), sums, 0o644)
}

// part has the newest version of a part that compiles with the commit's library, or leaves
// the part out.
func (b *build) part(ctx context.Context, p part) error {
	texts, err := versions(ctx, b.root, b.hash, p.file)
	if err != nil {
		return err
	}
	generated := []string{""}
	if p.with != "" {
		if generated, err = versions(ctx, b.root, b.hash, p.with); err != nil {
			return err
		}
	}
	has := append(b.has[:len(b.has):len(b.has)], p)
	if err := b.replace("before.go", face(b.commit, has)); err != nil {
		return err
	}
	var first error
	for i := range len(texts) * len(generated) {
		if err := b.replace(p.file, driver(texts[i/len(generated)], b.renaming)); err != nil {
			return err
		}
		if p.with != "" {
			if err := b.replace(p.with, driver(generated[i%len(generated)], b.renaming)); err != nil {
				return err
			}
		}
		err := b.compile(ctx, "./internal/before")
		if err == nil {
			b.has = has
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if first == nil {
			first = err
		}
	}
	if len(b.has) == 0 {
		return fmt.Errorf("nothing that drives the library compiles with %s: %w", b.commit, first)
	}
	for _, file := range p.files() {
		delete(b.overlay, b.place(file))
	}
	b.leftOut = append(b.leftOut, fmt.Sprintf("%s: no version of %s compiles with %s: %v", p.what, p.file, b.commit, first))
	return b.replace("before.go", face(b.commit, b.has))
}

// place is where a file of package before is, or would be.
func (b *build) place(name string) string {
	return filepath.Join(b.root, "benchmarks", "internal", "before", name)
}

// replace has a file of package before replaced, or added to it.
func (b *build) replace(name string, text []byte) error {
	file := filepath.Join(b.dir, name)
	b.overlay[b.place(name)] = file
	return os.WriteFile(file, text, 0o644)
}

// compile runs go build.
func (b *build) compile(ctx context.Context, args ...string) error {
	overlay, err := json.Marshal(map[string]any{"Replace": b.overlay})
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{
		"build", "-mod=mod", "-modfile=" + filepath.Join(b.dir, "go.mod"), "-overlay=" + file, "-buildvcs=false",
	}, args...)...)
	cmd.Dir = filepath.Join(b.root, "benchmarks")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w: %s", err, complaint(out))
	}
	return nil
}

// complaint returns the first line of the compiler's that is about something.
func complaint(out []byte) string {
	for line := range bytes.Lines(out) {
		if text := strings.TrimSpace(string(line)); text != "" && !strings.HasPrefix(text, "#") {
			return text
		}
	}
	return "it does not say why"
}
