package main

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/bruskajp/nano_services/supervisor/sim"
)

// Whenever a reader crashes, each word is counted once; if one cannot be made, that is said. In
// 200 runs; not each twice, since a reader's first step may come before or behind what it is
// first asked, by a goroutine that is no service's.
func TestWordsUnderSimulation(t *testing.T) {
	text := randomText(rand.New(rand.NewPCG(1, 2)), 120)
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	want := int64(0)
	for _, n := range reference(text) {
		want += n
	}
	sim.Run(t, func(s *sim.Sim) {
		c := config{readers: 3, counters: 2, chunk: 20, minSection: 40, files: []string{file}}
		w := newWordCount(c, NewProgress(io.Discard, -1))
		s.Faults(sim.Every)
		r := w.run(context.WithoutCancel(s.Context()))
		if r.err != nil || r.Words != want && r.failed == 0 {
			s.Errorf("%d words, want %d; %d failed, %v", r.Words, want, r.failed, r.err)
		}
		crashed := false
		for _, i := range r.services {
			crashed = crashed || i.Crashed > 0
		}
		s.Sometimes("a reader crashes", crashed)
		s.Sometimes("a reader cannot be made", r.failed > 0)
	}, sim.Runs(300)) // that comes in one run of 25
}
