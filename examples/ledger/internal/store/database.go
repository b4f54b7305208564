package store

import (
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

// Declare returns the services of the database that -db names. Nothing is opened before
// they are served.
func Declare(database string, size Size, publish func(Transfer)) (Database, error) {
	if database == InMemory {
		return declareMemory(NewMemoryDatabase(), size, publish), nil
	}
	if _, err := dialectOf(database); err != nil {
		return Database{}, err
	}
	store := NewWriterService(database, publish, size.options(actor.WithBatch(size.Batch, (*Writer).Commit))...)
	readers := NewReaderPool(size.Readers, database, actor.WithName("readers"), actor.WithTimes())
	return Database{store, readers, []supervisor.Child{{Service: store}, {Service: readers}}}, nil
}

func declareMemory(db *MemoryDatabase, size Size, publish func(Transfer)) Database {
	store := NewMemoryService(db, publish, size.options(actor.WithBatch(size.Batch, (*Memory).Commit))...)
	return Database{store, db, []supervisor.Child{{Service: store}}}
}

func (s Size) options(batch actor.Option) []actor.Option {
	return []actor.Option{actor.WithName("store"), batch, actor.WithCapacity(s.Queue), actor.WithTimes()}
}

var (
	_ Store = WriterService{}
	_ Store = MemoryService{}
	_ Books = (*Reader)(nil)
	_ Books = ReaderService{}
	_ Books = ReaderPool{}
	_ Books = (*MemoryDatabase)(nil)
)
