package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/bruskajp/nano_services/benchmarks/internal/systems"
	"github.com/bruskajp/nano_services/benchmarks/internal/workloads"
)

// progress shows how far the measuring is, if its writer is a terminal. It is drawn
// between runs, never during one.
type progress struct {
	out io.Writer
	bar *progressbar.ProgressBar // nil until there is something to show
}

func newProgress(out io.Writer) *progress { return &progress{out: out} }

// show is called before each run.
func (p *progress) show(done, total int, w *workloads.Workload, s *systems.System) {
	if p.bar == nil {
		f, ok := p.out.(*os.File)
		if !ok || !term.IsTerminal(int(f.Fd())) {
			return
		}
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.out),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // or it would have a goroutine of its own
			progressbar.OptionClearOnFinish(),
		)
	}
	p.bar.Describe(fmt.Sprintf("%-20s %-16s", w.Name, s.Name))
	_ = p.bar.Set(done)
}

// close removes the bar.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Exit()
		_ = p.bar.Clear()
	}
}
