package store

import (
	"context"
	"errors"
	"slices"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// InMemory is what -db says for a database that ends with the process.
const InMemory = "memory:"

// A Database is the services of one: what writes and what reads. They are started in
// that order.
type Database struct {
	Store Store
	Books Books

	// The same as children of a supervisor. Those of a database in memory have nothing to
	// read with.
	Children []supervisor.Child
}

// Size says how much a Database may do at once.
type Size struct {
	Batch   int // requests that one commit is for, at most
	Queue   int // requests that may wait for their turn, at most
	Readers int
}

// Declare returns the services of the database that -db names, each with the options.
// Nothing is opened before they are served. publish is that of NewWriter.
func Declare(database string, size Size, publish func(Transfer), options ...actor.Option) (Database, error) {
	if database == InMemory {
		return declareMemory(NewMemoryDatabase(), size, publish, options...), nil
	}
	if _, err := dialectOf(database); err != nil {
		return Database{}, err
	}
	store := NewWriterService(database, publish, size.options(options, actor.WithBatch(size.Batch, (*Writer).Commit))...)
	readers := NewReaderPool(size.Readers, database, append(slices.Clip(options), actor.WithName("readers"))...)
	return Database{store, readers, []supervisor.Child{{Service: store}, {Service: readers}}}, nil
}

// Try opens the database that -db names, brings its tables to the newest version, and
// closes it: whether that can be done at all.
func Try(ctx context.Context, database string) error {
	if database == InMemory {
		return nil
	}
	w, err := NewWriter(ctx, database, func(Transfer) {})
	if err != nil {
		return err
	}
	r, err := NewReader(ctx, database)
	if err == nil {
		err = r.Close()
	}
	return errors.Join(err, w.Close())
}

func declareMemory(db *MemoryDatabase, size Size, publish func(Transfer), options ...actor.Option) Database {
	store := NewMemoryService(db, publish, size.options(options, actor.WithBatch(size.Batch, (*Memory).Commit))...)
	return Database{store, db, []supervisor.Child{{Service: store}}}
}

func (s Size) options(options []actor.Option, batch actor.Option) []actor.Option {
	return append(slices.Clip(options), actor.WithName("store"), batch, actor.WithCapacity(s.Queue))
}

var (
	_ Store = WriterService{}
	_ Store = MemoryService{}
	_ Books = (*Reader)(nil)
	_ Books = ReaderService{}
	_ Books = ReaderPool{}
	_ Books = (*MemoryDatabase)(nil)
)
