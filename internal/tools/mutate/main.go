// Command mutate breaks the library on purpose and demands that a test notices.
//
// Each mutation in testdata/mutations takes one law of the library out of force: it
// names declarations and the lines of them that change. For each of them mutate has
// the changed files compiled in place of those of the tree (go help build, -overlay),
// and runs the tests whose names begin with Test and the law. A mutation is
//
//   - caught, if one of these tests fails, panics, hangs or leaves something behind;
//   - SURVIVED, if all of them pass: the law is not tested well enough;
//   - an ERROR, if its lines are not where it says, or not once; if it does not
//     compile; or if its law has no test: it says nothing about the tests and has to
//     be renewed.
//
// The exit status is 0 only if every mutation was caught. Beforehand the same tests
// have to pass on the tree as it is, because on a tree that fails anyway every
// mutation would look caught.
//
// Usage, from any directory of the module internal/tools:
//
//	go run ./mutate [-root dir] [-apply] [-j n] [-timeout d] [-turn n] [pattern...]
//
// A pattern is a law (L4) or a glob for names (L4-*, '*twice*').
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	var r runner
	flag.StringVar(&r.root, "root", "../..", "the tree to mutate; its mutations are in testdata/mutations")
	flag.BoolVar(&r.apply, "apply", false, "run no test: only see whether the mutations apply and compile")
	flag.IntVar(&r.workers, "j", runtime.NumCPU(), "how many mutations are tried at a time")
	turn := flag.Int("turn", -1, "try one mutation of each numbered law and a few of the others, and with the next number the next ones; -1: all")
	flag.DurationVar(&r.timeout, "timeout", time.Minute, "how long the tests of a package may take on a mutated tree")
	flag.Parse()
	r.patterns = flag.Args()
	r.turn = turn
	if *turn < 0 {
		r.turn = nil
	}
	r.out = os.Stdout

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := r.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}
