// Apart has a database in one process and its customers in another, which starts it. The
// customers place orders and write down what becomes of each; at the end the file has to
// agree with them, also if the database was killed in between.
//
//	go run ./apart               two processes
//	go run ./apart -kill 1s      the database is killed after a second, and restarted
//	go run ./apart -local        the same customers, with the database in their own process
//
// An order that ran is in the file, one that was not run is not; of one whose answer never
// came only the file knows. The last line has how many there were of each, and what the
// orders in the file are worth:
//
//	apart: ok: ran 1498, not run 12, unknown 8, sum 7512345
//
// It is "apart: FAILED: " and the reason if the file says something else. The exit status
// is 1 then, and 2 if the command was used wrongly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command is what the flags ask for.
type command struct {
	local bool
	kill  time.Duration
	time  time.Duration
	file  string

	database, nats string // this process is the database: its file, and where to find NATS
}

// run is main. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c command
	flags := flag.NewFlagSet("apart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&c.local, "local", false, "have the database in this process")
	flags.DurationVar(&c.kill, "kill", 0, "kill the database (SIGKILL) after this time")
	flags.DurationVar(&c.time, "time", 2*time.Second, "how long orders are placed; with -kill, at least until one is kept again")
	flags.StringVar(&c.file, "file", "", "a new file for the orders; by default one that is removed at the end")
	flags.StringVar(&c.database, "database", "", "be the database with this file; the controller starts that")
	flags.StringVar(&c.nats, "nats", "", "where the database finds NATS")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil: // it has been printed
		return 2
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case c.kill < 0 || c.time <= 0:
		err = errors.New("-kill and -time are times after the start")
	case c.kill > 0 && c.local:
		err = errors.New("-kill and -local: to kill the database would be to kill this process")
	}
	if err != nil {
		fmt.Fprintln(stderr, "apart:", err)
		return 2
	}
	if c.database != "" {
		err = serve(ctx, c.database, c.nats, stdin, stdout)
		if err != nil {
			fmt.Fprintln(stderr, "apart: database:", err)
			return 1
		}
		return 0
	}
	result, err := c.control(ctx, stdout)
	if err != nil {
		fmt.Fprintln(stdout, "apart: FAILED:", err)
		return 1
	}
	fmt.Fprintln(stdout, "apart: ok:", result)
	return 0
}

// control has orders placed, and compares what became of them with the file.
func (c *command) control(ctx context.Context, out io.Writer) (*result, error) {
	file := c.file
	if file == "" {
		dir, err := os.MkdirTemp("", "apart")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		file = filepath.Join(dir, "orders.sqlite")
	} else if _, err := os.Stat(file); err == nil {
		return nil, fmt.Errorf("%s is there already: its orders are not those of this run", file)
	}
	if c.local {
		return c.trade(ctx, together(file), file, out)
	}
	return c.trade(ctx, apart(file, out), file, out) // this is all that differs
}

func (c *command) trade(ctx context.Context, s *shop, file string, out io.Writer) (r *result, err error) {
	if err := s.tree.Start(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	book := newBook()
	err = c.customers(ctx, s, book, out)
	orders, cents, sumErr := s.sum()
	if err = errors.Join(err, sumErr, s.stop()); err != nil {
		return nil, err
	}
	kept, err := read(file)
	if err != nil {
		return nil, err
	}
	if r, err = book.prove(kept); err != nil {
		return nil, err
	}
	if orders != len(kept) || cents != r.sum {
		return nil, fmt.Errorf("the database said that it has %d orders of %d, and the file has %d of %d", orders, cents, len(kept), r.sum)
	}
	fmt.Fprintf(out, "apart: the file has %d orders, %d of them such whose answer never came\n", len(kept), r.resolved)
	return r, nil
}
