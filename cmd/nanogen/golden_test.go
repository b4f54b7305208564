package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each folder of testdata/generate has structs, and what is generated for them. All
// of it is built and vetted.
func TestGenerate(t *testing.T) {
	module := newModule(t)
	addRemote(t, module)
	t.Run("cases", func(t *testing.T) {
		for _, name := range cases(t, "generate") {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				testGenerate(t, filepath.Join("testdata", "generate", name), filepath.Join(module, name))
			})
		}
	})
	goCommand(t, module, "vet", "./...") // builds it
}

func testGenerate(t *testing.T, from, dir string) {
	golden := copyDir(t, from, dir)
	var said strings.Builder
	for _, args := range commands(t, dir) {
		status, stdout, stderr := nanogen(dir, args...)
		if status != 0 || stdout != "" {
			t.Fatalf("nanogen %v: status %d\n%s%s", args, status, stdout, stderr)
		}
		said.WriteString(stderr)
	}
	compareText(t, filepath.Join(from, "warnings.txt"), said.String())

	var written []string
	for _, file := range listFiles(t, dir) {
		if text := readFile(t, filepath.Join(dir, file)); generated([]byte(text)) {
			written = append(written, file)
			compareText(t, filepath.Join(from, file), text)
		}
	}
	if !slices.Equal(golden, written) && !*rewrite {
		t.Errorf("wrote %v, and want %v", written, golden)
	}

	// Once more, now that all files are there: nothing changes, and -check agrees.
	for _, args := range commands(t, dir) {
		if status, stdout, stderr := nanogen(dir, append(args, "-check")...); status != 0 {
			t.Errorf("nanogen -check %v: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
}

// compareText compares a text with a file; an empty one needs no file.
func compareText(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		if got == "" {
			os.Remove(file)
		} else {
			writeFile(t, file, got)
		}
	}
	want, _ := os.ReadFile(file)
	if d := diff(file, "what the test got", want, []byte(got)); d != "" {
		t.Error(d)
	}
}

// listFiles returns the paths of the Go files below a directory.
func listFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if filepath.Ext(path) == ".go" {
			rel, _ := filepath.Rel(dir, path)
			files = append(files, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Each folder of testdata/refuse has structs for which nothing is generated, and
// in refusals.txt why.
func TestRefuse(t *testing.T) {
	for _, name := range cases(t, "refuse") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			module := newModule(t)
			from, dir := filepath.Join("testdata", "refuse", name), filepath.Join(module, name)
			copyDir(t, from, dir)
			before := listFiles(t, module)
			status, stdout, stderr := nanogen(dir, commands(t, dir)[0]...)
			if status != 1 || stdout != "" {
				t.Errorf("status %d, want 1; it printed %q", status, stdout)
			}
			compareText(t, filepath.Join(from, "refusals.txt"), stderr)
			if after := listFiles(t, module); !slices.Equal(before, after) {
				t.Errorf("it wrote something: %v", after)
			}
		})
	}
}
