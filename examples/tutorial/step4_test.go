package tutorial_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Order asks for a transfer. Asked for again with the same key, it is done once.
type Order struct {
	Key      string
	From, To string
	Cents    int
}

// Books is a Ledger that is kept in a file.
type Books struct {
	*Ledger
	file  *os.File
	out   *bufio.Writer
	known map[string]error // by key: what has become of it
}

// openBooks returns a constructor, which reads what an earlier life has written.
func openBooks(name string) func(context.Context) (*Books, error) {
	return func(context.Context) (*Books, error) {
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		b := &Books{NewLedger(), file, bufio.NewWriter(file), map[string]error{}}
		b.Deposit("ada", 1000)
		b.Deposit("bob", 1000)
		return b, b.read()
	}
}

func (b *Books) read() error {
	lines := bufio.NewScanner(b.file)
	for lines.Scan() {
		var o Order
		if _, err := fmt.Sscan(lines.Text(), &o.Key, &o.From, &o.To, &o.Cents); err != nil {
			return fmt.Errorf("%s: %q: %w", b.file.Name(), lines.Text(), err)
		}
		b.known[o.Key] = b.Transfer(o.From, o.To, o.Cents)
	}
	return lines.Err()
}

// Book does an order, and keeps it.
func (b *Books) Book(o Order) error {
	if err, ok := b.known[o.Key]; ok {
		return err
	}
	err := b.Transfer(o.From, o.To, o.Cents)
	b.known[o.Key] = err
	fmt.Fprintln(b.out, o.Key, o.From, o.To, o.Cents) // refused ones, too: their answer stays
	return err
}

// Commit makes what was booked safe on the disk.
func (b *Books) Commit() error {
	return errors.Join(b.out.Flush(), b.file.Sync())
}

// Close is called at the end of each life, on the service's goroutine.
func (b *Books) Close() error { return b.file.Close() }

// bookSafely does an order in one closure.
func bookSafely(ctx context.Context, books *actor.Service[Books], o Order) error {
	return books.Run(ctx, func(b *Books) error { return errors.Join(b.Book(o), b.Commit()) })
}

// start starts a tree with books in a temporary file.
func start(books *actor.Service[Books]) (*supervisor.Supervisor, error) {
	bank := supervisor.New("bank", supervisor.Spec{Logger: silent, Children: []supervisor.Child{{Service: books}}})
	return bank, bank.Start(context.Background())
}

// temporary returns a name for a file, and what takes it away.
func temporary() (name string, remove func()) {
	folder, err := os.MkdirTemp("", "tutorial-")
	if err != nil {
		panic(err)
	}
	return filepath.Join(folder, "books"), func() { os.RemoveAll(folder) }
}

func Example_step4() {
	ctx := context.Background()
	name, remove := temporary()
	defer remove()
	books := actor.New(openBooks(name), actor.WithLogger(silent))
	bank, err := start(books)
	if err != nil {
		fmt.Println(err)
		return
	}
	order := Order{"k1", "ada", "bob", 30}
	fmt.Println(bookSafely(ctx, books, order))

	books.Do(func(b *Books) { b.Interest(0) }) // crashes

	fmt.Println(bookSafely(ctx, books, order)) // its caller was not sure, and asks again
	fmt.Println(actor.Get(ctx, books, func(b *Books) int { return b.Balance("bob") }))
	fmt.Println(books.Info().Incarnation, bank.Stop(ctx))
	// Output:
	// <nil>
	// <nil>
	// 1030 <nil>
	// 2 <nil>
}
