// Ledger keeps accounts and moves money between them: an HTTP API and a page, on a
// database, as one tree of services.
//
//	go run ./ledger                                    serve, on SQLite in a temporary folder
//	go run ./ledger -db ledger.db                      the same on a file
//	go run ./ledger -db postgres://user@host/name      the same on PostgreSQL
//	go run ./ledger -db ledger.db -import month.csv    book the lines of a file, such as makecsv makes
//	go run ./ledger -db ledger.db -chaos 20 -for 10s   crash services under load, and prove that no money was lost
//	go run ./ledger -db ledger.db -kill 1s -for 20s    kill the process under load, and prove the same
//
// Each flag may be given by the environment as well: -addr by LEDGER_ADDR.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/app"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	status := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

const (
	defaultAddr = "127.0.0.1:8080"
	noChaos     = -1 // and no button
)

// settings are those of the command line.
type settings struct {
	db       string
	addr     string
	level    string
	deadline time.Duration
	grace    time.Duration
	audit    time.Duration
	imports  string
	rival    string
	chaos    float64 // or noChaos
	kill     time.Duration
	length   time.Duration
	clients  int
	tied     bool
}

// parse reads flags, and what is not among them from the environment.
func parse(args []string, env func(string) (string, bool), out io.Writer) (s settings, err error) {
	f := flag.NewFlagSet("ledger", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&s.db, "db", "", "the database: a file of SQLite, postgres://…, or memory: (default: a file in a temporary folder)")
	f.StringVar(&s.addr, "addr", defaultAddr, "where to listen; if the port is taken, it is a free one")
	f.StringVar(&s.level, "log", "", "what to log: debug, info, warn, error or off (default: info, and off with -for)")
	f.DurationVar(&s.deadline, "deadline", 10*time.Second, "how long the end may take")
	f.DurationVar(&s.grace, "grace", 200*time.Millisecond, "how long to serve on at the end, while /readyz says no")
	f.DurationVar(&s.audit, "audit", 10*time.Second, "how often to look at all of the books")
	f.StringVar(&s.imports, "import", "", "book the lines of this file, and end")
	f.StringVar(&s.rival, "rival", "", "for comparisons: instead of the service a store with a transaction for each request, behind a mutex, or of a pool of connections (mutex, pool)")
	f.Float64Var(&s.chaos, "chaos", noChaos, "crash so many services a second, and show a button that does; 0: only the button")
	f.DurationVar(&s.kill, "kill", 0, "with -for: serve in a process of its own, and kill that so often")
	f.DurationVar(&s.length, "for", 0, "transfer for so long, and then prove that no money was lost or made")
	f.IntVar(&s.clients, "clients", 16, "with -for: who transfer at once")
	f.BoolVar(&s.tied, "tied", false, "end when standard input does, as on SIGTERM: with the process that has its other end")
	var faults []error
	f.VisitAll(func(fl *flag.Flag) {
		name := "LEDGER_" + strings.ToUpper(fl.Name)
		if value, set := env(name); set {
			if err := f.Set(fl.Name, value); err != nil {
				faults = append(faults, fmt.Errorf("%s=%s: %w", name, value, err))
			}
		}
	})
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		faults = append(faults, fmt.Errorf("what is %q? There are only flags", f.Arg(0)))
	}
	if s.kill != 0 && s.length == 0 {
		faults = append(faults, errors.New("-kill needs -for"))
	}
	if s.rival != "" && s.rival != "mutex" && s.rival != "pool" {
		faults = append(faults, fmt.Errorf("-rival %q is not mutex or pool", s.rival))
	}
	if s.imports != "" && s.length > 0 {
		faults = append(faults, errors.New("-import does not go with -for"))
	}
	return s, errors.Join(append(faults, s.check()...)...)
}

// check returns what is wrong with numbers.
func (s settings) check() (faults []error) {
	for _, d := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"kill", s.kill, 0}, {"for", s.length, 0}, {"grace", s.grace, 0}, {"deadline", s.deadline, 1}, {"audit", s.audit, 1},
	} {
		if d.value < d.least {
			faults = append(faults, fmt.Errorf("-%s %s is too short", d.name, d.value))
		}
	}
	if s.chaos != noChaos && !(s.chaos >= 0 && s.chaos <= 1e6) {
		faults = append(faults, fmt.Errorf("-chaos %g is not 0 to 1000000", s.chaos))
	}
	if s.clients < 1 {
		faults = append(faults, errors.New("-clients is at least 1"))
	}
	return faults
}

// run is the command, and returns its exit status.
func run(ctx context.Context, args []string, env func(string) (string, bool), out, errOut io.Writer) int {
	s, err := parse(args, env, errOut)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(errOut, "ledger:", strings.ReplaceAll(err.Error(), "\n", "\nledger: "))
		return 2
	}
	log, err := s.logger(errOut)
	if err != nil {
		fmt.Fprintln(errOut, "ledger:", err)
		return 2
	}
	temporary, err := s.database()
	if err != nil {
		fmt.Fprintln(errOut, "ledger:", err)
		return 1
	}
	if s.tied {
		ctx = untilEnd(ctx, os.Stdin)
	}
	if s.length > 0 {
		return s.try(ctx, log, temporary, out, errOut)
	}
	if temporary != "" {
		defer os.RemoveAll(temporary)
		log.Info("the database is a temporary one, and ends with this process; -db names another", "db", s.db)
	}
	if s.imports != "" {
		err = s.load(ctx, log, out, errOut)
	} else {
		err = s.serve(ctx, log, out)
	}
	if err != nil {
		fmt.Fprintln(errOut, "ledger:", err)
		return 1
	}
	return 0
}

// untilEnd returns a context that ends with in, too. However a process ends, the system closes
// its end of a pipe.
func untilEnd(ctx context.Context, in io.Reader) context.Context {
	ctx, end := context.WithCancel(ctx)
	go func() {
		defer end()
		_, _ = io.Copy(io.Discard, in)
	}()
	return ctx
}

// logger returns what the level asks for.
func (s settings) logger(out io.Writer) (*slog.Logger, error) {
	switch {
	case s.level == "off", s.level == "" && s.length > 0:
		return slog.New(slog.DiscardHandler), nil
	case s.level == "":
		return slog.New(slog.NewTextHandler(out, nil)), nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.level)); err != nil {
		return nil, fmt.Errorf("-log %q is not debug, info, warn, error or off", s.level)
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level})), nil
}

// database makes a temporary folder for the database if none was named.
func (s *settings) database() (temporary string, err error) {
	if s.db != "" {
		return "", nil
	}
	temporary, err = os.MkdirTemp("", "ledger-")
	s.db = filepath.Join(temporary, "ledger.db")
	return temporary, err
}

func (s settings) app(log *slog.Logger) (*app.App, error) {
	settings := app.Settings{
		Database: s.db, Addr: s.addr, Logger: log, Audit: s.audit, Grace: s.grace, Chaos: s.chaos >= 0,
	}
	switch s.rival {
	case "mutex":
		settings.Rival = func(database string, publish func(store.Transfer)) (app.Rival, error) {
			return store.NewLocked(context.Background(), database, publish)
		}
	case "pool":
		settings.Rival = func(database string, publish func(store.Transfer)) (app.Rival, error) {
			return store.NewPooled(context.Background(), database, 8, publish)
		}
	}
	return app.New(settings)
}
