package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/examples/apart/store"
)

const (
	customers = 32
	think     = 20 * time.Millisecond // of a customer, before the next order
	patience  = time.Second           // of a customer, for one order
	recovery  = 30 * time.Second      // for the database to be back after it was killed
	look      = 10 * time.Millisecond // how often to look whether it is
	stopTime  = 20 * time.Second      // for the tree to stop
)

// customers places orders until the time is over, and has the database killed in between if that is
// asked for; then it goes on until the database has kept an order again.
func (c *command) customers(ctx context.Context, s *shop, b *book, out io.Writer) error {
	placing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for n := range customers {
		wg.Go(func() { place(placing, s.db, b, n) })
	}
	err := c.watch(ctx, s, b, out)
	stop()
	wg.Wait()
	return err
}

// place has one customer place order after order. An order that was begun is finished.
func place(ctx context.Context, db store.DBRemoteCalls, b *book, customer int) {
	for i := 0; ctx.Err() == nil; i++ {
		o := store.Order{ID: fmt.Sprintf("%d-%06d", customer, i), Cents: int64(1 + (i*7919+customer)%10_000)}
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		// Once only, so that each outcome is seen: actor.Retry would place one that was not run
		// again, and no other: of one whose answer never came it cannot know.
		b.write(o, db.Put(within, o))
		cancel()
		wait(ctx, think)
	}
}

// watch returns when the customers may stop.
func (c *command) watch(ctx context.Context, s *shop, b *book, out io.Writer) error {
	begun := time.Now()
	if c.kill > 0 {
		wait(ctx, c.kill)
		pid, err := s.kill()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "apart: killed process %d\n", pid)
		if err := back(ctx, s, b); err != nil {
			return err
		}
	}
	wait(ctx, c.time-time.Since(begun))
	return nil
}

// back waits until an order has run in the process that comes after the one that was killed.
func back(ctx context.Context, s *shop, b *book) error {
	end := time.Now().Add(recovery)
	for !s.restarted() {
		if wait(ctx, look); ctx.Err() != nil || time.Now().After(end) {
			return fmt.Errorf("the database was not restarted within %v", recovery)
		}
	}
	for before := b.count(); b.count() == before; {
		if wait(ctx, look); ctx.Err() != nil || time.Now().After(end) {
			return fmt.Errorf("the database was restarted, and kept no order within %v", recovery)
		}
	}
	return nil
}

// wait waits for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
