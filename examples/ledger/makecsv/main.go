// Makecsv writes a file for ledger -import, as a bank could send it.
//
//	go run ./ledger/makecsv >month.csv
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/bruskajp/nano_services/examples/ledger/internal/sample"
)

func main() {
	n := flag.Int("n", 10_000, "how many lines, without the header")
	seed := flag.Uint64("seed", 1, "the same number gives the same file")
	flag.Parse()
	if err := sample.Write(os.Stdout, *n, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "makecsv:", err)
		os.Exit(1)
	}
}
