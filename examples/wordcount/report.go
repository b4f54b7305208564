package main

import (
	"fmt"
	"io"
	"time"
)

// maxListed is how many services are listed one by one.
const maxListed = 12

// report says what was done, by whom, and how quickly.
func report(out io.Writer, r result, took time.Duration) {
	fmt.Fprintf(out, "wordcount: %d words, %d different, %d bytes in %v (%.1f MB/s)\n",
		r.Words, r.Different, r.bytes, took.Round(time.Millisecond),
		float64(r.bytes)/1e6/took.Seconds())
	if r.cut > 0 {
		fmt.Fprintf(out, "wordcount: words of more than %d bytes: %d, "+
			"shown by their beginning, length and SHA-256\n", maxWord, r.cut)
	}
	for i, s := range r.services {
		if hidden := len(r.services) - maxListed; hidden > 1 && i < hidden {
			continue // the first ones are readers, of which there may be thousands
		}
		fmt.Fprintf(out, "  %-12s %6d closures run", s.Name, s.Executed)
		if s.Incarnation > 1 {
			fmt.Fprintf(out, ", restarts: %d", s.Incarnation-1)
		}
		if s.Dead+s.Refused+s.Skipped > 0 {
			fmt.Fprintf(out, ", %d dead, %d refused, %d skipped", s.Dead, s.Refused, s.Skipped)
		}
		fmt.Fprintln(out)
	}
	if hidden := len(r.services) - maxListed; hidden > 1 {
		fmt.Fprintf(out, "  not shown: %d other readers\n", hidden)
	}
}
