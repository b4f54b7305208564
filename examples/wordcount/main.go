// Wordcount counts the words of files, the most frequent ones first. It is the first
// program to read about nano services: readers, counters and a progress bar, each an
// ordinary Go type with its own goroutine.
//
// Its folder is a module of its own, so from the repository's root it is run with
//
//	go -C examples run ./wordcount -n 10 ../LICENSE.txt
//
// where -C makes examples the directory that file names are relative to.
//
// A word is a maximal run of letters and digits (unicode.IsLetter, unicode.IsDigit),
// in lower case. Bytes that are not UTF-8 separate words. A word of more than 1024
// bytes is shown by its beginning, its length and its SHA-256.
//
// Memory does not depend on the size of the files, only on how many different words
// there are.
//
// Where to begin: counter.go is a service; reader.go sends it work; restart.go brings
// a crashed reader back; count.go puts the services together.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"time"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // some file could not be read to its end, or the words not written
	exitUsage       = 2
	exitInterrupted = 130
)

const usage = `usage: go -C examples run ./wordcount [-n 20] FILE...

Counts the words of the files (- is standard input) and prints count<TAB>word, most
frequent first. With go -C examples, names are relative to examples:

	go -C examples run ./wordcount -n 10 ../LICENSE.txt

`

// config is what the user and the machine ask for.
type config struct {
	top        int
	crash      int64
	files      []string
	stdin      io.Reader
	readers    int // that work at a time
	counters   int
	chunk      int   // bytes
	minSection int64 // bytes
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second interrupt ends the program as usual
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := config{
		stdin:      stdin,
		readers:    runtime.GOMAXPROCS(0),
		counters:   runtime.GOMAXPROCS(0),
		chunk:      1 << 20,
		minSection: minSection,
	}
	switch err := c.parse(args, stderr); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	return c.count(ctx, stdout, stderr)
}

// parse reads the arguments, and says what is wrong with them.
func (c *config) parse(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("wordcount", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.IntVar(&c.top, "n", 20, "print the `number` most frequent words; 0 for all")
	flags.Int64Var(&c.crash, "crash", 0,
		"crash the reader of the first file once after `bytes`,\nto see it restarted")
	if err := flags.Parse(args); err != nil {
		return err
	}
	c.files = flags.Args()
	stdins := len(slices.DeleteFunc(slices.Clone(c.files), func(f string) bool { return f != "-" }))
	var err error
	switch {
	case c.top < 0:
		err = fmt.Errorf("-n %d: the number of words cannot be negative", c.top)
	case c.crash < 0:
		err = fmt.Errorf("-crash %d: the number of bytes cannot be negative", c.crash)
	case len(c.files) == 0:
		err = errors.New("no file given (- is standard input)")
	case stdins > 1:
		err = errors.New("standard input (-) can be read only once")
	}
	if err != nil {
		fmt.Fprintf(stderr, "wordcount: %v\n", err)
		flags.Usage()
	}
	return err
}

// count counts and prints.
func (c config) count(ctx context.Context, stdout, stderr io.Writer) int {
	begin := time.Now()
	r := newWordCount(c, NewProgress(stderr, total(c.files))).run(ctx)
	took := time.Since(begin)
	if r.err != nil {
		fmt.Fprintf(stderr, "wordcount: the words could not be counted: %v\n", r.err)
		return exitFailed
	}
	err := printWords(stdout, r.Top)
	report(stderr, r, took)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "wordcount: interrupted: the counts are partial")
		return exitInterrupted
	case err != nil:
		fmt.Fprintf(stderr, "wordcount: %v\n", err)
		return exitFailed
	case r.failed > 0:
		fmt.Fprintln(stderr, "wordcount: not everything could be read: the rest is counted")
		return exitFailed
	}
	return exitOK
}

func printWords(stdout io.Writer, words []Count) error {
	out := bufio.NewWriter(stdout)
	for _, w := range words {
		fmt.Fprintf(out, "%d\t%s\n", w.N, w.Word)
	}
	return out.Flush()
}

// total returns the size of all files, or -1 if somebody has to read them to know.
func total(files []string) (sum int64) {
	for _, f := range files {
		info, err := os.Stat(f)
		switch {
		case f == "-" || err == nil && !info.Mode().IsRegular() && !info.IsDir():
			return -1
		case err == nil && info.Mode().IsRegular():
			sum += info.Size()
		}
	}
	return sum
}
