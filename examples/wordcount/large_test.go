package main

import (
	"bytes"
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The Go tree's own sources: file by file, and as one text that is cut in sections.
func TestGoSources(t *testing.T) {
	root := filepath.Join(build.Default.GOROOT, "src")
	var files []string
	var text bytes.Buffer
	for _, dir := range []string{"unicode", "strconv", "net/http", "html", "go/types"} {
		dir = filepath.Join(root, dir)
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			text.Write(b)
			text.WriteByte('\n')
			files = append(files, path)
			return err
		})
		if err != nil {
			t.Skipf("no Go sources to read: %v", err)
		}
	}
	want := printed(text.Bytes(), 0)
	wordcount(nil, append([]string{"-n", "0", "-crash", "1"}, files...)...).check(t, exitOK, want)
	one := write(t, text.Bytes())
	wordcount(nil, "-n", "0", one).check(t, exitOK, want)
	wordcount(nil, "-n", "0", "-crash", "3000000", one).check(t, exitOK, want, "restarting")
	small(4096, 100_000, nil, "-n", "0", one).check(t, exitOK, want, "reader 3 ")
}

// letters is one word of many bytes, and notes the most memory in use meanwhile.
type letters struct {
	left, most int
}

func (l *letters) Read(b []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	if l.left%(1<<20) == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		l.most = max(l.most, int(m.HeapAlloc))
	}
	n := min(len(b), l.left, 1<<16)
	for i := range b[:n] {
		b[i] = 'x'
	}
	l.left -= n
	return n, nil
}

func TestOneHugeWordTakesLittleMemory(t *testing.T) {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	in := &letters{left: 32 << 20}
	got := wordcount(in, "-")
	got.check(t, exitOK, "1\t"+strings.Repeat("x", 40)+"… (33554432 bytes, SHA-256 "+
		"05f052c8f6da8ee5228ec291820b559c4be183773b9e97a6b82e30dacff85dd3)\n", "more than 1024 bytes: 1,")
	if grown := in.most - int(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d bytes of memory for a word", grown)
	}
}

func TestProgressBar(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, 100)
	p.bar = newBar(&out, 100) // as on a terminal
	p.Add(50, 0)
	p.Say("a message")
	p.Add(50, 0)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"counting", "50%", "\rwordcount: a message\n"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("no %q in %q", s, out.String())
		}
	}
}
