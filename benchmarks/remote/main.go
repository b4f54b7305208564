// Command remote measures a call of a service in another process, beside what else there
// is for that:
//
//	go -C benchmarks/remote run .                    one and 64 callers, 16 bytes; one caller, 4096
//	go -C benchmarks/remote run . -time 1m           for that long, instead of 30 s
//	go -C benchmarks/remote run . -callers 1,8 -size 16,1024
//
// The program starts itself again as the owner of one service, an Echo, and asks it in
// each way in turns, for slices of 20 ms:
//
//	tcp      lines over a TCP connection, no library: what the machine can do at best
//	nats     a bare request over NATS, answered by the subscription's callback
//	remote   this module's supervisor/remote, over the same NATS server
//	grpc     a unary call of google.golang.org/grpc
//	connect  a unary call of connectrpc.com/connect, over HTTP/2
//
// Each ends in the same service, by actor.Call. The server of NATS is embedded in the owner.
// The table has the time for a call (with 64 callers: the time of all, divided by their
// calls), and medians of the ratios to nats and to grpc of the same round. Of the embedded
// server it prints what its start took and what it holds.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	total := flag.Duration("time", 30*time.Second, "how long to measure")
	callers := flag.String("callers", "", "numbers of callers, instead of the usual ones")
	sizes := flag.String("size", "", "bytes of a call, instead of the usual ones")
	own := flag.Bool("own", false, "be the owner; what the program starts itself with")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := func() error {
		if flag.NArg() > 0 {
			return fmt.Errorf("unexpected argument %q", flag.Arg(0))
		}
		if *own {
			return serve(ctx, os.Stdin, os.Stdout)
		}
		loads, err := loadsOf(*callers, *sizes)
		if err != nil {
			return err
		}
		return compare(ctx, os.Stdout, loads, *total)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "remote:", err)
		os.Exit(1)
	}
}

// load is what is asked at once.
type load struct{ callers, size int }

// loadsOf returns the usual loads, or all combinations of what was given.
func loadsOf(callers, sizes string) ([]load, error) {
	if callers == "" && sizes == "" {
		return []load{{1, 16}, {64, 16}, {1, 4096}}, nil
	}
	ns, err := numbers("callers", callers, 1, 10_000)
	if err != nil {
		return nil, err
	}
	bytes, err := numbers("size", sizes, 16, 512<<10)
	if err != nil {
		return nil, err
	}
	var all []load
	for _, n := range ns {
		for _, b := range bytes {
			all = append(all, load{n, b})
		}
	}
	return all, nil
}

// numbers reads a list such as "1,64"; of an empty one it returns the least.
func numbers(what, list string, least, most int) (ns []int, err error) {
	if list == "" {
		return []int{least}, nil
	}
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < least || n > most {
			return nil, fmt.Errorf("-%s %s: %q is no number from %d to %d", what, list, text, least, most)
		}
		ns = append(ns, n)
	}
	return slices.Compact(slices.Sorted(slices.Values(ns))), nil
}
