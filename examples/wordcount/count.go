package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/bruskajp/nano_services/actor"
)

// wordCount is the program's services, and who does what:
//
//	section ── reader ──┬─▶ counter 1      each word has its counter
//	section ── reader ──┼─▶ counter 2
//	                    └─▶ progress       the owner of standard error
type wordCount struct {
	config
	counters []*actor.Service[Counter]
	progress *actor.Service[Progress]
}

// result is what there is to print.
type result struct {
	Summary
	bytes, cut int64
	failed     int          // sections that could not be read to their end
	services   []actor.Info // what each service did
	err        error        // the counts cannot be trusted
}

// waiting is how many batches may wait for a counter. Readers wait for room then.
const waiting = 4

// quiet is for services whose crashes are told to the user by this program.
var quiet = actor.WithLogger(slog.New(slog.DiscardHandler))

func newWordCount(c config, progress *Progress) *wordCount {
	w := &wordCount{config: c, progress: actor.Start(progress, quiet)}
	for i := range c.counters {
		name := fmt.Sprintf("counter %d", i+1)
		w.counters = append(w.counters,
			actor.Start(NewCounter(), actor.WithName(name), actor.WithCapacity(waiting), quiet))
	}
	return w
}

// run reads everything, or what there is time for until ctx ends, and stops the
// services.
func (w *wordCount) run(ctx context.Context) (r result) {
	r.services, r.failed = w.readFiles(ctx)
	ctx = context.WithoutCancel(ctx) // what follows is done in any case, and quick
	r.err = w.sum(ctx, &r)
	for _, c := range w.counters {
		r.err = errors.Join(r.err, c.Stop(ctx), c.Err())
		r.services = append(r.services, c.Info())
	}
	total, err := actor.Get(ctx, w.progress, func(p *Progress) [2]int64 {
		return [2]int64{p.bytes, p.cut}
	})
	r.bytes, r.cut = total[0], total[1]
	r.err = errors.Join(r.err, err, w.progress.Stop(ctx))
	r.services = append(r.services, w.progress.Info())
	return r
}

// readFiles has all sections read, some at a time.
func (w *wordCount) readFiles(ctx context.Context) (did []actor.Info, failed int) {
	all := w.sources()
	infos := make([]actor.Info, len(all))
	errs := make([]error, len(all))
	var readers errgroup.Group
	readers.SetLimit(w.readers)
	for id, src := range all {
		if ctx.Err() != nil {
			break
		}
		readers.Go(func() error {
			infos[id], errs[id] = w.read(ctx, id, src)
			if errs[id] != nil {
				w.say("%v", describe(src.path, errs[id]))
			}
			return nil // the other files are read all the same
		})
	}
	_ = readers.Wait()
	for id, info := range infos {
		if info.Incarnation > 0 {
			did = append(did, info)
		}
		if errs[id] != nil {
			failed++
		}
	}
	return did, failed
}

// sources returns what there is to read.
func (w *wordCount) sources() (all []*source) {
	crash := w.crash
	for _, path := range w.files {
		for _, s := range sections(path, w.readers, w.minSection) {
			src := &source{section: s, stdin: w.stdin, chunkSize: w.chunk}
			if crash > s.from && (s.to < 0 || crash <= s.to) {
				src.crash = crash
			}
			all = append(all, src)
		}
		crash = 0 // only in the first file
	}
	return all
}

// sum asks all counters at once and puts their answers together. A question waits
// for its turn like everything else, so it is answered when all has been counted.
func (w *wordCount) sum(ctx context.Context, r *result) error {
	answers := make([]Summary, len(w.counters))
	var asked errgroup.Group
	for i, counter := range w.counters {
		asked.Go(func() (err error) {
			answers[i], err = actor.Get(ctx, counter, func(c *Counter) Summary { return c.Summary(w.top) })
			return err
		})
	}
	if err := asked.Wait(); err != nil {
		return err
	}
	for _, a := range answers {
		r.Top = append(r.Top, a.Top...)
		r.Words += a.Words
		r.Different += a.Different
	}
	r.Top = top(r.Top, w.top)
	return nil
}

// say has a line written to standard error.
func (w *wordCount) say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	_ = w.progress.Do(func(p *Progress) { p.Say(line) })
}

// describe makes sure that an error names the file.
func describe(path string, err error) error {
	var named *fs.PathError
	if errors.As(err, &named) {
		return err
	}
	if path == "-" {
		path = "standard input"
	}
	return fmt.Errorf("%s: %w", path, err)
}
