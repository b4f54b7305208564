package recipes_test

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Archive is what must not lose anything.
type Archive struct{ rows int }

func openArchive(context.Context) (*Archive, error) { return &Archive{}, nil }

func (a *Archive) Insert(string) { a.rows++ }

// Close runs on the archive's goroutine, after all that was accepted.
func (a *Archive) Close() error {
	fmt.Println("archive: closed with", a.rows, "rows")
	return nil
}

// Intake passes on to the archive what comes in.
type Intake struct{ archive *actor.Service[Archive] }

func (i *Intake) Accept(row string) {
	if err := i.archive.Do(func(a *Archive) { a.Insert(row) }); err != nil {
		fmt.Println("lost:", row, err)
	}
}

func (i *Intake) Close() error {
	fmt.Println("intake: closed")
	return nil
}

// run runs the program until ctx ends, and then gives it ten seconds. In main, ctx is that
// of signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM).
func run(ctx context.Context, work func(*actor.Service[Intake])) error {
	archive := actor.New(openArchive)
	intake := actor.New(func(context.Context) (*Intake, error) { return &Intake{archive}, nil })
	root := supervisor.New("program", supervisor.Spec{Children: []supervisor.Child{
		{Service: archive}, // first to start, last to stop
		{Service: intake},
	}})
	if err := root.Start(ctx); err != nil {
		return err
	}
	work(intake)

	select {
	case <-ctx.Done():
	case <-root.Done(): // gave up
		return root.Err()
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := root.Stop(within); err != nil {
		return err
	}
	return root.Err() // it may have given up before
}

// How does a program end without losing what it has accepted?
func Example_gracefulShutdown() {
	ctx, interrupt := context.WithCancel(context.Background())
	err := run(ctx, func(intake *actor.Service[Intake]) {
		for range 1000 {
			intake.Do(func(i *Intake) { i.Accept("a row") })
		}
		interrupt() // while most of them wait
	})
	fmt.Println(err)
	// Output:
	// intake: closed
	// archive: closed with 1000 rows
	// <nil>
}
