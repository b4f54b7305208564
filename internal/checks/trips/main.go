// Command trips makes the trips of docs/trips.rst: what a Do, a Call, a Stop and a crash
// with restart run through. TestTrips builds it with counters (go build -cover), has it
// make them, and compares what was counted with the documents.
//
// It is a program, since the counters of go test cannot be cleared, and has its own list
// of tests, since only a test can be in a bubble: synctest.Wait says when all is quiet
// again. GOMAXPROCS is 1, so that a trip always goes the same way.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/coverage"
	"testing"
	"testing/synctest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: trips DIR")
		os.Exit(2)
	}
	dir := os.Args[1]
	os.Args = os.Args[:1] // the rest would be flags of package testing
	runtime.GOMAXPROCS(1)
	var tests []testing.InternalTest
	for _, trip := range trips {
		tests = append(tests, testing.InternalTest{Name: trip.name, F: func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { trip.prepare(t).make(t, filepath.Join(dir, trip.name)) })
		}})
	}
	testing.Main(func(string, string) (bool, error) { return true, nil }, tests, nil, nil)
}

// A prepared trip is ready to be made.
type prepared struct {
	trip func()
	end  func()
}

// make makes the trip, from one quiet moment to the next, and writes what was counted.
func (p prepared) make(t *testing.T, dir string) {
	synctest.Wait()
	if err := coverage.ClearCounters(); err != nil {
		t.Fatal(err)
	}
	p.trip()
	synctest.Wait()
	err := os.MkdirAll(dir, 0o755)
	if err := errors.Join(err, coverage.WriteMetaDir(dir), coverage.WriteCountersDir(dir)); err != nil {
		t.Fatal(err)
	}
	p.end()
}
