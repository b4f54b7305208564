package main

import (
	"context"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/benchmarks/internal/harness"
	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// Benchmark runs the workloads of the program, for benchstat:
//
//	go -C benchmarks test -run '^$' -bench Benchmark/call -count 10 . >call.txt
//	benchstat -col /system call.txt
//
// The program itself takes turns between the systems, which go test cannot.
func Benchmark(b *testing.B) {
	for _, w := range workloads.All() {
		for _, s := range systems.All() {
			if !w.Has(s) {
				continue
			}
			b.Run(w.Name+"/system="+s.Name, func(b *testing.B) {
				b.ReportAllocs()
				if w.Alone {
					benchmarkAlone(b, w, s)
					return
				}
				m := workloads.Meter{OnStart: b.ResetTimer, OnStop: b.StopTimer}
				if err := w.Run(&m, s, b.N); err != nil {
					b.Fatal(err)
				}
				reportFigures(b, w, harness.Sample{Figures: m.Figures})
			})
		}
	}
}

// benchmarkAlone measures once, whatever b.N is, in a process of its own.
func benchmarkAlone(b *testing.B, w *workloads.Workload, s *systems.System) {
	if w.Quick == 0 {
		b.Skip("takes too long: run the program")
	}
	sample, err := alone(context.Background(), w, s, w.Quick)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() { // nothing: the figures are the result
	}
	b.ReportMetric(0, "ns/op") // leaves it out
	if len(w.Figures) == 0 {
		b.ReportMetric(float64(sample.Elapsed)/float64(sample.Ops), "alone-ns/op")
	}
	reportFigures(b, w, sample)
}

func reportFigures(b *testing.B, w *workloads.Workload, sample harness.Sample) {
	for _, f := range w.Figures {
		unit := "-ns"
		if f.Unit == workloads.Bytes {
			unit = "-bytes"
		}
		if v, ok := sample.Figures[f.Title]; ok {
			b.ReportMetric(v, strings.ReplaceAll(f.Title, "/", "-")+unit)
		}
	}
}
