package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/journal"
)

// Step is what happens to a letter: it is to be sent, or it was.
type Step struct {
	Number int
	Text   string // "": it was sent
}

// Letters are those that were not sent yet.
type Letters struct {
	Open map[int]string
	Last int
}

func (l *Letters) apply(s Step) {
	if l.Open == nil {
		l.Open = map[int]string{}
	}
	if s.Text == "" {
		delete(l.Open, s.Number)
		return
	}
	l.Open[s.Number], l.Last = s.Text, max(l.Last, s.Number)
}

// Outbox sends letters until each was sent, through crashes and ends of the process.
type Outbox struct {
	ctx     context.Context // the incarnation's
	self    *actor.Service[Outbox]
	send    func(context.Context, string) error
	letters Letters
	journal *journal.Journal[Letters, Step]
}

// openOutbox returns the constructor, which takes up what an earlier life has left.
func openOutbox(file string, send func(context.Context, string) error) func(context.Context) (*Outbox, error) {
	return func(ctx context.Context) (*Outbox, error) {
		j, err := journal.Open[Letters, Step](ctx, file, 100)
		if err != nil {
			return nil, err
		}
		o := &Outbox{ctx: ctx, self: actor.Self[Outbox](ctx), send: send, journal: j}
		if err := j.Restore(ctx, &o.letters, (*Letters).apply); err != nil {
			return nil, errors.Join(err, j.Close())
		}
		for _, number := range slices.Sorted(maps.Keys(o.letters.Open)) {
			o.try(number, 0)
		}
		return o, nil
	}
}

// Put takes a letter on. It returns when the letter is safe, and not when it was sent.
func (o *Outbox) Put(text string) error {
	if err := o.keep(Step{o.letters.Last + 1, text}); err != nil {
		return err
	}
	o.try(o.letters.Last, 0)
	return nil
}

// try sends a letter after a delay, elsewhere: the outbox does not wait for it.
func (o *Outbox) try(number int, delay time.Duration) {
	text := o.letters.Open[number]
	o.self.After(delay, func(o *Outbox) {
		send := o.send
		_ = actor.Pipe(o.self, // refused only at the end, and then the next life tries
			func(ctx context.Context) (struct{}, error) { return struct{}{}, send(ctx, text) },
			func(o *Outbox, _ struct{}, err error) { o.tried(number, delay, err) })
	})
}

func (o *Outbox) tried(number int, delay time.Duration, err error) {
	if err != nil {
		o.try(number, min(2*delay+time.Millisecond, time.Minute))
		return
	}
	_ = o.keep(Step{Number: number}) // if not, it is sent again: at least once, not at most
}

// keep makes a step and writes it down. A state that is ahead of its file ends.
func (o *Outbox) keep(s Step) error {
	o.letters.apply(s)
	o.journal.Append(s)
	err := o.journal.Commit(o.ctx, &o.letters)
	if err != nil {
		actor.Exit(o.ctx, err)
	}
	return err
}

func (o *Outbox) Close() error { return o.journal.Close() }

// How is something tried until it is done, although the process ends meanwhile?
func Example_outbox() {
	ctx := context.Background()
	silent := actor.WithLogger(slog.New(slog.DiscardHandler))
	folder, err := os.MkdirTemp("", "recipes-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "outbox")

	tried := make(chan struct{}, 1)
	away := func(context.Context, string) error {
		select {
		case tried <- struct{}{}:
		default:
		}
		return errors.New("the network is away")
	}
	first := actor.New(openOutbox(file, away), silent)
	go first.Serve(ctx)
	fmt.Println(first.Run(ctx, func(o *Outbox) error { return o.Put("hello") }))
	<-tried
	fmt.Println(first.Stop(ctx)) // the process ends, and the letter was not sent

	sent := make(chan string)
	there := func(_ context.Context, text string) error { sent <- text; return nil }
	second := actor.New(openOutbox(file, there), silent)
	go second.Serve(ctx)
	fmt.Println(<-sent)
	fmt.Println(second.Stop(ctx)) // waits for what was begun
	// Output:
	// <nil>
	// <nil>
	// hello
	// <nil>
}
