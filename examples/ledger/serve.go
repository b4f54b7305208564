package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/bruskajp/nano_services/examples/ledger/internal/app"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/trial"
)

// serve serves until ctx ends, and then ends within the deadline. It prints where it
// serves once it does.
func (s settings) serve(ctx context.Context, log *slog.Logger, out io.Writer) error {
	ledger, err := s.app(log)
	if err != nil {
		return err
	}
	switch err := s.start(ctx, ledger); {
	case err == errToldToEnd:
		log.Info(err.Error())
		return nil
	case err != nil:
		return err
	}
	fmt.Fprintln(out, ledger.URL())
	harm, calm := context.WithCancel(ctx)
	var chaos sync.WaitGroup
	if s.chaos > 0 {
		chaos.Go(func() {
			if err := trial.Crash(harm, ledger.URL(), s.chaos); err != nil {
				log.Error("chaos has ended", "err", err)
			}
		})
	}
	defer chaos.Wait()
	defer calm()
	select {
	case <-ctx.Done():
	case <-ledger.Done():
		return ledger.Err()
	}
	calm()
	return s.stop(ledger)
}

// errToldToEnd says that ctx has ended before all was up, and that what had been begun then
// has ended in order.
var errToldToEnd = errors.New("told to end before all was up")

// start returns when the ledger is up, or why it is not. If ctx ends meanwhile, what was begun
// is ended, within the deadline, and not cut off.
func (s settings) start(ctx context.Context, ledger *app.App) error {
	starting, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	started := make(chan error, 1)
	go func() { started <- ledger.Start(starting) }()
	select {
	case err := <-started:
		return err
	case <-ctx.Done():
	}
	err := s.stop(ledger)
	giveUp()
	<-started // that it was stopped
	return cmp.Or(err, errToldToEnd)
}

func (s settings) stop(ledger *app.App) error {
	within, cancel := context.WithTimeout(context.Background(), s.deadline)
	defer cancel()
	return ledger.Stop(within)
}

// try makes a trial, and prints what it has come to as the last line.
func (s settings) try(ctx context.Context, log *slog.Logger, temporary string, out, errOut io.Writer) int {
	result := trial.Result{Err: errors.New("there is nothing to be proved from a database in memory")}
	if s.db != store.InMemory {
		result = trial.Run(ctx, s.config(log))
	}
	if temporary != "" && result.Err == nil {
		os.RemoveAll(temporary)
	} else if temporary != "" {
		fmt.Fprintln(errOut, "ledger: the database is left in", s.db)
	}
	fmt.Fprintln(out, result)
	if result.Err != nil {
		return 1
	}
	return 0
}

// config says what the trial is to be like.
func (s settings) config(log *slog.Logger) trial.Config {
	c := trial.Config{Database: s.db, For: s.length, Clients: s.clients, Rate: s.chaos, Every: s.kill}
	if s.addr == defaultAddr { // unless told otherwise, it is not to be in the way of another ledger
		s.addr = "127.0.0.1:0"
	}
	if s.kill > 0 {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		c.Command = []string{self, "-tied", "-db", s.db, "-addr", s.addr, "-log", cmp.Or(s.level, "off"), "-rival", s.rival,
			"-audit", s.audit.String(), "-grace", s.grace.String(), "-deadline", s.deadline.String()}
		if s.chaos >= 0 {
			c.Command = append(c.Command, "-chaos", "0") // what crashes is decided here
		}
		return c
	}
	c.Serve = func(ctx context.Context) (url string, stop func() error, err error) {
		ledger, err := s.app(log)
		if err != nil {
			return "", nil, err
		}
		if err := s.start(ctx, ledger); err != nil {
			return "", nil, err
		}
		return ledger.URL(), func() error { return s.stop(ledger) }, nil
	}
	return c
}
