package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

// An interrupt while the input has nothing to give: what came before is counted.
func TestInterruptWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		in, out := io.Pipe()
		go func() {
			fmt.Fprint(out, "a b ")
			fmt.Fprint(out, "a unfinis")
			interruptWhenIdle(interrupt)
		}()
		var stdout, stderr bytes.Buffer
		code := run(ctx, []string{"-"}, in, &stdout, &stderr)
		outcome{code, stdout.String(), stderr.String()}.
			check(t, exitInterrupted, "2\ta\n1\tb\n", "counts are partial")
		out.Close() // lets go of the reader that was cut off
		synctest.Wait()
	})
}

func interruptWhenIdle(interrupt func()) {
	synctest.Wait()
	interrupt()
}

func TestInterruptBeforeTheFirstFile(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"-"}, strings.NewReader("a"), &stdout, &stderr)
	outcome{code, stdout.String(), stderr.String()}.check(t, exitInterrupted, "", "counts are partial")
}

// one returns the program's services with one reader, of stdin, and one counter.
func one(stdin io.Reader, chunk int, stderr io.Writer) *wordCount {
	c := config{stdin: stdin, readers: 1, counters: 1, chunk: chunk, files: []string{"-"}}
	return newWordCount(c, NewProgress(stderr, -1))
}

// endless is text without end that notes how much of it was read.
type endless struct{ reads int }

func (e *endless) Read(b []byte) (int, error) {
	e.reads++
	return copy(b, strings.Repeat("some words ", 1+len(b)/11)), nil
}

// A counter that does not keep up makes the reader wait: the input is read no
// further than its mailbox has room. An interrupt ends it with whole chunks.
func TestReaderWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		var stderr bytes.Buffer
		in := &endless{}
		w := one(in, 110, &stderr)
		goOn := make(chan struct{})
		if err := w.counters[0].Do(func(*Counter) { <-goOn }); err != nil {
			t.Fatal(err)
		}
		var r result
		done := make(chan struct{})
		go func() { r = w.run(ctx); close(done) }()

		synctest.Wait()
		if in.reads != waiting+1 { // those that wait, and the one that waits for room
			t.Errorf("%d chunks read, want %d", in.reads, waiting+1)
		}
		if i := w.counters[0].Info(); i.Queued != waiting || i.State != actor.Running {
			t.Errorf("counter: %+v", i)
		}
		interrupt()
		synctest.Wait()
		close(goOn)
		<-done
		chunks := int64(in.reads)
		if r.err != nil || r.Words != 20*chunks || r.bytes != 110*chunks {
			t.Errorf("%d words, %d bytes, error %v of %d chunks", r.Words, r.bytes, r.err, chunks)
		}
	})
}

// A counter that has crashed is a fault of the program: it says so, and prints no
// counts that look right.
func TestCounterCrashed(t *testing.T) {
	var stderr bytes.Buffer
	w := one(strings.NewReader("a"), 9, &stderr)
	_ = w.counters[0].Run(t.Context(), func(*Counter) error { panic("bug") })
	<-w.counters[0].Done() // the caller is told before the service has ended
	r := w.run(t.Context())
	if r.err == nil || r.failed != 1 || !strings.Contains(r.err.Error(), "bug") {
		t.Errorf("failed %d, error %v", r.failed, r.err)
	}
}
