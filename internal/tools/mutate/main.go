// Command mutate breaks the library on purpose and demands that a test notices.
//
// Each file testdata/mutations/LAW-what.patch takes one law of the library out of
// force. For each of them mutate copies the tree, applies the patch and runs the
// tests whose names begin with Test and the law. A patch is
//
//   - caught, if one of these tests fails, panics, hangs or leaves something behind;
//   - SURVIVED, if all of them pass: the law is not tested well enough;
//   - an ERROR, if it no longer applies, does not compile, or names a law without a
//     test: it says nothing about the tests and has to be renewed.
//
// The exit status is 0 only if every patch was caught. Beforehand the same tests
// have to pass on the tree as it is, because on a tree that fails anyway every
// patch would look caught.
//
// Usage, from any directory of the module internal/tools:
//
//	go run ./mutate [-root dir] [-j n] [-timeout d] [-turn n] [pattern]
//
// The pattern is a law (L4) or a glob for the names of patches without their
// suffix (L4-*, '*twice*').
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
	flag.StringVar(&r.root, "root", "../..", "the tree to mutate; its patches are in testdata/mutations")
	flag.IntVar(&r.workers, "j", runtime.NumCPU(), "how many patches are tried at a time")
	turn := flag.Int("turn", -1, "try one patch of each numbered law and a few of the others, and with the next number the next ones; -1: all")
	flag.DurationVar(&r.timeout, "timeout", time.Minute, "how long the tests of a package may take on a mutated tree")
	flag.Parse()
	if flag.NArg() > 1 {
		fmt.Fprintln(os.Stderr, "mutate: more than one pattern")
		os.Exit(2)
	}
	r.pattern = flag.Arg(0)
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
