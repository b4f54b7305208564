package recipes_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
)

// Database stands for something slow: it answers when it is let. It counts how
// often it is asked.
type Database struct {
	queries atomic.Int64
	let     chan struct{}
}

func (db *Database) Query(ctx context.Context, key string) (string, error) {
	db.queries.Add(1)
	select {
	case <-db.let:
		return "row of " + key, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Cache keeps what it has found, and asks once for what many are waiting for.
type Cache struct {
	db      *Database
	known   map[string]string
	waiting map[string][]actor.Reply[string]
}

func NewCache(db *Database) *Cache {
	return &Cache{db, map[string]string{}, map[string][]actor.Reply[string]{}}
}

// Find answers at once, or when the row has come.
func (c *Cache) Find(ctx context.Context, key string, reply actor.Reply[string]) {
	if row, ok := c.known[key]; ok {
		reply.Answer(row, nil)
		return
	}
	c.waiting[key] = append(c.waiting[key], reply)
	if len(c.waiting[key]) > 1 {
		return // it is on its way
	}
	db := c.db // what runs elsewhere does not touch the cache
	query := func(ctx context.Context) (string, error) { return db.Query(ctx, key) }
	err := actor.PipeContext(ctx, actor.Self[Cache](ctx), query,
		func(_ context.Context, c *Cache, row string, err error) { c.come(key, row, err) })
	if err != nil {
		c.come(key, "", err)
	}
}

// Waiting returns how many wait for a row.
func (c *Cache) Waiting(key string) int { return len(c.waiting[key]) }

// come keeps the row and tells everybody who waits for it. An error is not kept.
func (c *Cache) come(key, row string, err error) {
	if err == nil {
		c.known[key] = row
	}
	for _, reply := range c.waiting[key] {
		reply.Answer(row, err)
	}
	delete(c.waiting, key)
}

// find is what the rest of the program calls.
func find(ctx context.Context, cache *actor.Service[Cache], key string) (string, error) {
	return actor.CallLater(ctx, cache, func(ctx context.Context, c *Cache, reply actor.Reply[string]) {
		c.Find(ctx, key, reply)
	})
}

// How do many readers share what one of them has asked the database for?
func Example_cache() {
	ctx := context.Background()
	db := &Database{let: make(chan struct{})}
	cache := actor.Start(NewCache(db))

	rows := make(chan string)
	for range 100 {
		go func() {
			row, err := find(ctx, cache, "ada")
			if err != nil {
				row = err.Error()
			}
			rows <- row
		}()
	}
	for waiting := 0; waiting < 100; { // the cache answers while the database does not
		waiting, _ = actor.Get(ctx, cache, func(c *Cache) int { return c.Waiting("ada") })
	}
	close(db.let)
	count := map[string]int{}
	for range 100 {
		count[<-rows]++
	}
	fmt.Println(count, "from", db.queries.Load(), "query")

	fmt.Println(find(ctx, cache, "ada")) // known
	fmt.Println(find(ctx, cache, "bob"))
	fmt.Println(db.queries.Load(), "queries", cache.Stop(ctx))
	// Output:
	// map[row of ada:100] from 1 query
	// row of ada <nil>
	// row of bob <nil>
	// 2 queries <nil>
}
