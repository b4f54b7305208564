package main

import (
	"context"
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// goTree writes the Go tree's own sources, some 90 MB, into one file.
func goTree(b *testing.B) (path string, size int64) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "all.go")
	all, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer all.Close()
	root := filepath.Join(build.Default.GOROOT, "src")
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(p, ".go") {
			return err
		}
		text, err := os.ReadFile(p)
		size += int64(len(text))
		all.Write(text)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return path, size
}

// BenchmarkSequential is what the program is measured against: the same scanner, one
// map, one goroutine.
func BenchmarkSequential(b *testing.B) {
	path, size := goTree(b)
	b.SetBytes(size)
	for b.Loop() {
		sequential(b, path)
	}
}

func sequential(b *testing.B, path string) {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	counts := make(map[string]*int64)
	emit := func(word []byte) {
		n, ok := counts[string(word)]
		if !ok {
			n = new(int64)
			counts[string(word)] = n
		}
		*n++
	}
	var words scanner
	buffer := make([]byte, 1<<20)
	for err == nil {
		var n int
		n, err = file.Read(buffer)
		words.scan(buffer[:n], emit)
	}
	words.finish(emit)
	all := make([]Count, 0, len(counts))
	for word, n := range counts {
		all = append(all, Count{word, *n})
	}
	top(all, 20)
}

func BenchmarkWordCount(b *testing.B) {
	path, size := goTree(b)
	b.SetBytes(size)
	for b.Loop() {
		code := run(context.Background(), []string{path}, nil, io.Discard, io.Discard)
		if code != exitOK {
			b.Fatal(code)
		}
	}
}
