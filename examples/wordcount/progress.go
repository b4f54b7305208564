package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Progress shows how far the readers are. It is the one owner of standard error while
// they run, so messages and the bar never mix, and nobody has to lock anything.
type Progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // nil unless out is a terminal
	bytes int64
	cut   int64 // words longer than maxWord
}

// NewProgress returns a progress that writes to out, with a bar if that is a
// terminal. total is what there is to read, or -1 if that is not known.
func NewProgress(out io.Writer, total int64) *Progress {
	p := &Progress{out: out}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = newBar(out, total)
	}
	return p
}

func newBar(out io.Writer, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription("counting"),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0), // or it would have a goroutine of its own
		progressbar.OptionClearOnFinish(),
	)
}

// Add counts a chunk that has been done, and words in it that were too long.
func (p *Progress) Add(size, cut int) {
	p.bytes += int64(size)
	p.cut += int64(cut)
	if p.bar != nil {
		_ = p.bar.Add(size)
	}
}

// Say writes a line.
func (p *Progress) Say(line string) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.out, "wordcount: %s\n", line)
}

// Close removes the bar. A service closes its value, if that is an io.Closer, when it
// ends: nobody has to remember it.
func (p *Progress) Close() error {
	if p.bar == nil {
		return nil
	}
	return p.bar.Exit()
}
