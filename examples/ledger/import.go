package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/bruskajp/nano_services/examples/ledger/internal/imports"
)

// load imports a file. It needs no HTTP, and otherwise the same services.
func (s settings) load(ctx context.Context, log *slog.Logger, out, errOut io.Writer) error {
	file, err := os.Open(s.imports)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	s.addr = ""
	ledger, err := s.app(log)
	if err != nil {
		return err
	}
	if err := s.start(ctx, ledger); err != nil {
		return err
	}
	bar := newBar(errOut, info.Size())
	sum, err := imports.Run(ctx, ledger.Store, file, func(number int, reason string) {
		bar.clear()
		fmt.Fprintf(errOut, "ledger: %s:%d: %s\n", s.imports, number, reason)
	}, bar.add)
	bar.clear()
	fmt.Fprintf(out, "ledger: imported %d transfers and %d accounts; %d lines were known, %d were wrong\n",
		sum.Transfers, sum.Accounts, sum.Known, sum.Wrong)
	if err == nil && sum.Wrong > 0 {
		err = fmt.Errorf("%d lines of %s were not imported", sum.Wrong, s.imports)
	}
	return errors.Join(err, s.stop(ledger))
}

// bar shows how far an import is, on a terminal.
type bar struct{ bar *progressbar.ProgressBar }

func newBar(out io.Writer, size int64) bar {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return bar{}
	}
	return bar{progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription("importing"),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0), // or it would have a goroutine of its own
		progressbar.OptionClearOnFinish(),
	)}
}

func (b bar) add(bytes int) {
	if b.bar != nil {
		_ = b.bar.Add(bytes)
	}
}

// clear makes room for a message.
func (b bar) clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
