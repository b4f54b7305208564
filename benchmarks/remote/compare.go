package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"
)

// slice is how long a way is measured in a round: what disturbs the machine lasts longer,
// and so disturbs all ways.
const slice = 20 * time.Millisecond

// rounds of a load: the time for a call in each way, of each round.
type rounds map[string][]time.Duration

// compare measures each load in all ways and writes the table.
func compare(ctx context.Context, out io.Writer, loads []load, total time.Duration) (err error) {
	o, err := startOwner(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "callers\tbytes\tway\ttime for a call\tto nats\tto grpc\trounds\t")
	for _, l := range loads {
		all, err := measure(ctx, &o.where, l, total/time.Duration(len(loads)))
		if err != nil {
			return err
		}
		for _, way := range ways {
			ts := all[way.name]
			fmt.Fprintf(w, "%d\t%d\t%s\t%.1f µs\t%.2f\t%.2f\t%d\t\n", l.callers, l.size, way.name,
				float64(median(ts))/1e3, ratio(ts, all["nats"]), ratio(ts, all["grpc"]), len(ts))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "the embedded server of NATS: started in %v, holds %.1f MB and %d goroutines\n",
		o.Start.Round(100*time.Microsecond), float64(o.Bytes)/1e6, o.Goroutines)
	return nil
}

// measure asks in all ways in turns, in another order each round.
func measure(ctx context.Context, at *where, l load, total time.Duration) (rounds, error) {
	calls := map[string][]call{}
	for _, way := range ways {
		newCaller, err := way.open(ctx, at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way.name, err)
		}
		for range l.callers {
			c, err := newCaller()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", way.name, err)
			}
			calls[way.name] = append(calls[way.name], c)
		}
		if _, err := run(ctx, calls[way.name], l.size); err != nil { // which is not counted
			return nil, fmt.Errorf("%s: %w", way.name, err)
		}
	}
	all := rounds{}
	order := slices.Clone(ways)
	for begin := time.Now(); time.Since(begin) < total || len(all["nats"]) < 3; {
		rand.Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
		for _, way := range order {
			d, err := run(ctx, calls[way.name], l.size)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", way.name, err)
			}
			all[way.name] = append(all[way.name], d)
		}
	}
	return all, nil
}

// run has all callers ask for a slice, and returns the time for a call: that of all,
// divided by their calls.
func run(ctx context.Context, calls []call, size int) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	counts := make([]int, len(calls))
	var g errgroup.Group
	begin := time.Now()
	for i, call := range calls {
		g.Go(func() error {
			question := bytes.Repeat([]byte{byte(i)}, size)
			for time.Since(begin) < slice {
				answer, err := call(ctx, question)
				if err != nil {
					return err
				}
				if !bytes.Equal(answer, question) {
					return fmt.Errorf("%d bytes came back as %d others", len(question), len(answer))
				}
				counts[i]++
			}
			return nil
		})
	}
	err := g.Wait()
	took, n := time.Since(begin), 0
	for _, c := range counts {
		n += c
	}
	return took / time.Duration(max(n, 1)), err
}

func median[T ~int64 | ~float64](xs []T) T {
	sorted := slices.Sorted(slices.Values(xs))
	return sorted[len(sorted)/2]
}

// ratio returns the median of the ratios of the same round.
func ratio(of, to []time.Duration) float64 {
	rs := make([]float64, len(of))
	for i := range of {
		rs[i] = float64(of[i]) / float64(to[i])
	}
	return median(rs)
}
