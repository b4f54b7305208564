package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// outcome is what a run of the program left.
type outcome struct {
	code           int
	stdout, stderr string
}

func wordcount(stdin io.Reader, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), args, stdin, &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// small is the program with chunks and sections so small that a little text has
// many of them.
func small(chunk int, minSection int64, stdin io.Reader, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	c := config{stdin: stdin, readers: 3, counters: 3, chunk: chunk, minSection: minSection}
	if c.parse(args, &stderr) != nil {
		return outcome{code: exitUsage, stderr: stderr.String()}
	}
	code := c.count(context.Background(), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// printed returns what the program has to print for a text.
func printed(text []byte, n int) string {
	counts := reference(text)
	words := slices.Collect(maps.Keys(counts))
	slices.SortFunc(words, func(a, b string) int {
		if counts[a] != counts[b] {
			return int(counts[b] - counts[a])
		}
		return strings.Compare(a, b)
	})
	if n > 0 && n < len(words) {
		words = words[:n]
	}
	var b strings.Builder
	for _, w := range words {
		fmt.Fprintf(&b, "%d\t%s\n", counts[w], w)
	}
	return b.String()
}

func (o outcome) check(t *testing.T, code int, stdout string, stderr ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d\n%s", o.code, code, o.stderr)
	}
	if o.stdout != stdout {
		t.Errorf("printed %.300q, want %.300q", o.stdout, stdout)
	}
	for _, s := range stderr {
		if !strings.Contains(o.stderr, s) {
			t.Errorf("standard error has no %q:\n%s", s, o.stderr)
		}
	}
}

func write(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// randomText has common and rare words, long runs without ASCII, and rubbish.
func randomText(rnd *rand.Rand, size int) []byte {
	var b []byte
	for len(b) < size {
		switch rnd.IntN(40) {
		case 0:
			b = append(b, byte(rnd.Uint32()), byte(rnd.Uint32()))
		case 1:
			b = append(b, strings.Repeat("東é", rnd.IntN(900))...)
		case 2:
			b = append(b, "Ä𐐀ß "...)
		default:
			b = fmt.Appendf(b, "W%d%c", rnd.IntN(1+rnd.IntN(500)), " ,\n\t"[rnd.IntN(4)])
		}
	}
	return b
}

func TestSmallTexts(t *testing.T) {
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			want := printed([]byte(text), 20)
			wordcount(strings.NewReader(text), "-").check(t, exitOK, want)
			wordcount(nil, write(t, []byte(text))).check(t, exitOK, want)
			wordcount(iotest.OneByteReader(strings.NewReader(text)), "-").check(t, exitOK, want)
			wordcount(iotest.DataErrReader(strings.NewReader(text)), "-").check(t, exitOK, want)
		})
	}
}

func TestRandomTextsInSmallChunks(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		a, b := randomText(rnd, 20_000), randomText(rnd, 5_000)
		chunk, section := 100+rnd.IntN(3000), int64(1+rnd.IntN(6000))
		both := slices.Concat(a, []byte(" "), b)
		small(chunk, section, bytes.NewReader(b), "-n", "0", write(t, a), "-").
			check(t, exitOK, printed(both, 0))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestNumberOfWords(t *testing.T) {
	text := "b a c a b a d"
	for n, want := range map[string]string{
		"0": "3\ta\n2\tb\n1\tc\n1\td\n",
		"1": "3\ta\n",
		"3": "3\ta\n2\tb\n1\tc\n",
		"9": "3\ta\n2\tb\n1\tc\n1\td\n",
	} {
		wordcount(strings.NewReader(text), "-n", n, "-").check(t, exitOK, want)
	}
}

func TestUsage(t *testing.T) {
	for _, row := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitUsage, "no file given"},
		{[]string{"-n", "-1", "-"}, exitUsage, "cannot be negative"},
		{[]string{"-n", "x", "-"}, exitUsage, "invalid value"},
		{[]string{"-crash", "-1", "-"}, exitUsage, "cannot be negative"},
		{[]string{"-wrong"}, exitUsage, "not defined"},
		{[]string{"-", "-"}, exitUsage, "only once"},
		{[]string{"-h"}, exitOK, "relative to examples"},
	} {
		wordcount(strings.NewReader("a"), row.args...).check(t, row.code, "", row.says, "usage: ")
	}
}

func TestUnreadableFiles(t *testing.T) {
	good := write(t, []byte("a b a"))
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	locked := write(t, []byte("x"))
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	files := []string{missing, good, dir, good}
	says := []string{missing, dir, "the rest is counted"}
	if f, err := os.Open(locked); err != nil {
		files, says = append(files, locked), append(says, locked)
	} else {
		f.Close() // root reads everything
	}
	got := wordcount(nil, files...)
	got.check(t, exitFailed, "4\ta\n2\tb\n", says...)
	if n := strings.Count(got.stderr, missing); n != 1 {
		t.Errorf("%d messages about one file:\n%s", n, got.stderr)
	}
}

func TestReadErrorHalfWay(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("a b a"), iotest.ErrReader(errors.New("disk on fire")))
	wordcount(broken, "-").check(t, exitFailed, "2\ta\n1\tb\n", "standard input: disk on fire")
}

func TestNobodyTakesTheOutput(t *testing.T) {
	var stderr bytes.Buffer
	code := run(context.Background(), []string{"-"}, strings.NewReader("a"), brokenWriter{}, &stderr)
	outcome{code: code, stderr: stderr.String()}.check(t, exitFailed, "", "disk full")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestNoBarWithoutTerminal(t *testing.T) {
	if got := wordcount(strings.NewReader("a"), "-"); strings.ContainsAny(got.stderr, "\r\x1b") {
		t.Errorf("control characters in %q", got.stderr)
	}
}
