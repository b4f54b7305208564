package trial

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// Config says what a trial is to be like.
type Config struct {
	Database string
	For      time.Duration
	Clients  int     // who transfer, one after the other each
	Rate     float64 // crashes of services a second
	Every    time.Duration
	Command  []string                                                             // with Every: the process that serves, and is killed
	Serve    func(ctx context.Context) (url string, stop func() error, err error) // without: serves in this one
}

// A Result is what a trial has come to.
type Result struct {
	Acknowledged, Refused, Crashes, Restarts, Kills int
	Sum                                             int64 // of all balances, in minor units
	Err                                             error // why it has failed
}

// String is the last line that the command prints.
func (r Result) String() string {
	if r.Err != nil {
		return "ledger: FAILED: " + strings.ReplaceAll(r.Err.Error(), "\n", "; ")
	}
	return fmt.Sprintf("ledger: ok: acknowledged %d, refused %d, crashes %d, restarts %d, kills %d, sum %d",
		r.Acknowledged, r.Refused, r.Crashes, r.Restarts, r.Kills, r.Sum)
}

// settleTime is how long what was begun may take to be answered at the end.
const settleTime = 30 * time.Second

// Run makes a trial. It ends early with ctx, and is judged then as well.
func Run(ctx context.Context, c Config) (r Result) {
	client := newClient()
	defer client.http.CloseIdleConnections()
	process, stop, err := c.serve(ctx, client)
	if err != nil {
		return Result{Err: err}
	}
	l := load{client, "t" + strings.ToLower(rand.Text()[:8])}
	before, records, err := c.use(ctx, l, process, &r)
	// Stopped before it is proved: what counts is what is in the database then.
	if err := errors.Join(err, stop()); err != nil {
		return Result{Err: err}
	}
	for _, record := range records {
		if record.refused {
			r.Refused++
		} else {
			r.Acknowledged++
		}
	}
	r.Err = c.read(context.WithoutCancel(ctx), func(ctx context.Context, books store.Books) error {
		r.Sum = before.Sum + accounts*opened
		return l.prove(ctx, books, before, records)
	})
	if r.Err == nil && r.Acknowledged == 0 {
		r.Err = errors.New("nothing was acknowledged")
	}
	return r
}

// serve has the ledger serve, in this process or in one of its own.
func (c Config) serve(ctx context.Context, client *client) (process *child, stop func() error, err error) {
	if c.Every == 0 {
		url, stop, err := c.Serve(ctx)
		client.at(url)
		return nil, stop, err
	}
	process = &child{command: c.Command}
	url, err := process.start()
	client.at(url)
	return process, func() error { return process.stop(settleTime) }, err
}

// use has clients transfer while services crash and the process is killed.
func (c Config) use(ctx context.Context, l load, process *child, r *Result) (before store.Check, records []record, err error) {
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(c.For, math.MaxInt64-settleTime)+settleTime)
	defer cancel()
	err = c.read(ctx, func(ctx context.Context, books store.Books) error {
		before, err = books.Check(ctx)
		return errors.Join(err, before.Err())
	})
	if err == nil {
		err = l.begin(settle)
	}
	if err != nil {
		return before, nil, err
	}
	ctx, end := context.WithTimeout(ctx, c.For)
	defer end()
	var harm sync.WaitGroup
	var crashed, killed error
	if c.Rate > 0 {
		harm.Go(func() { r.Crashes, crashed = l.client.crashes(ctx, c.Rate) })
	}
	if process != nil {
		harm.Go(func() { r.Kills, killed = process.killings(ctx, l.client, c.Every, mathrand.Float64) })
	}
	records, err = l.run(ctx, settle, c.Clients)
	end() // also if it has failed
	harm.Wait()
	r.Restarts = r.Crashes + r.Kills // each was waited for
	return before, records, errors.Join(err, crashed, killed)
}

// read opens the database itself, beside whatever serves it.
func (c Config) read(ctx context.Context, use func(context.Context, store.Books) error) (err error) {
	books, err := store.NewReader(ctx, c.Database)
	if err != nil {
		return err
	}
	return errors.Join(use(ctx, books), books.Close())
}
