package main

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// A crash at any chunk, when some counters have their share and others have not,
// neither loses nor doubles a count.
func TestCrashLosesNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	text := randomText(rnd, 10_000)
	want := printed(text, 0)
	path := write(t, text)
	for at := 1; at <= len(text); at += 1 + rnd.IntN(400) {
		crash := strconv.Itoa(at)
		small(997, 3000, nil, "-n", "0", "-crash", crash, path).
			check(t, exitOK, want, "reader crashed, restarting", "after "+crash+" bytes", "restarts: 1")
		small(997, 3000, bytes.NewReader(text), "-n", "0", "-crash", crash, "-").
			check(t, exitOK, want, "reader crashed, restarting")
		if t.Failed() {
			t.Fatalf("crash at %d", at)
		}
	}
}

func TestCrashOnlyInFirstFile(t *testing.T) {
	path := write(t, []byte("a b"))
	got := wordcount(nil, "-crash", "1", path, path)
	got.check(t, exitOK, "2\ta\n2\tb\n")
	if n := strings.Count(got.stderr, "restarting"); n != 1 {
		t.Errorf("%d crashes:\n%s", n, got.stderr)
	}
}

func TestCrashBehindTheEnd(t *testing.T) {
	got := wordcount(strings.NewReader("a"), "-crash", "100", "-")
	got.check(t, exitOK, "1\ta\n")
	if strings.Contains(got.stderr, "restart") {
		t.Errorf("crashed: %s", got.stderr)
	}
}

// panicking is an input that panics before some of its reads.
type panicking struct {
	io.Reader
	panics func(read int) bool
	reads  int
}

func (p *panicking) Read(b []byte) (int, error) {
	p.reads++
	if p.panics(p.reads) {
		panic(errors.New("bad driver"))
	}
	return p.Reader.Read(b[:1])
}

func TestReaderThatCrashesNowAndThen(t *testing.T) {
	in := &panicking{
		Reader: strings.NewReader("one two one two one"),
		panics: func(n int) bool { return n%3 == 0 },
	}
	wordcount(in, "-").check(t, exitOK, "3\tone\n2\ttwo\n", "bad driver", "restarting")
}

// A reader that crashes at the same place again and again is given up; the other
// files are counted.
func TestReaderIsGivenUp(t *testing.T) {
	in := &panicking{
		Reader: strings.NewReader("a b c d"),
		panics: func(n int) bool { return n > 4 },
	}
	path := write(t, []byte("x"))
	got := wordcount(in, "-", path)
	got.check(t, exitFailed, "1\ta\n1\tb\n1\tx\n", "given up at byte 4 after 4 crashes", "bad driver")
}
