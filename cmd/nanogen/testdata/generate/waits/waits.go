// Package waits has methods without results that are not events: who calls them waits.
package waits

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
)

//go:generate go tool nanogen -type Site,Cache
//go:generate go tool nanogen -type Stock

// Item is what a site has.
type Item struct {
	ID   int
	Name string
}

// Site uses what it is given, or waits.
type Site struct {
	base
	sync.WaitGroup // of another package: types decide
	http.Handler   // an interface
	byName         map[string]*Item
	items          []*Item
	lines          []string
	hooks          []func()
	done           chan struct{}
	stock          StockService
}

// NewSite makes a Site.
func NewSite(stock StockService) *Site { return &Site{stock: stock, byName: map[string]*Item{}} }

// Each calls back.
func (s *Site) Each(f func(int)) {
	for _, item := range s.items {
		f(item.ID)
	}
}

func (s *Site) Range(yield func(name string, item *Item) bool) {
	for name, item := range s.byName {
		if !yield(name, item) {
			return
		}
	}
}

// Answer answers a request.
func (s *Site) Answer(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s: %d items", r.URL.Path, len(s.items))
}

// Fill writes to what it is given.
func (s *Site) Fill(dst []int) {
	for i := range dst {
		dst[i] = s.items[i].ID
	}
}

// Shuffle writes in a function that runs before it returns.
func (s *Site) Shuffle(numbers []int) {
	rand.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
}

// Stamp writes by another method.
func (s *Site) Stamp(ctx context.Context, item *Item) { s.stamp(item) }

func (s *Site) stamp(item *Item) { item.ID = len(s.items) }

// Finish waits for something else.
func (s *Site) Finish() { <-s.done }

// Forward hands over to another service what that writes to.
func (s *Site) Forward(ctx context.Context, item *Item) { s.stock.Label(ctx, item) }

// Called waits because it is told to, so that nothing is said.
//
//nano:call
func (s *Site) Called(f func()) { f() }

// NotCalled does not wait, because it is told so.
//
//nano:async
func (s *Site) NotCalled(f func()) { f() }

// Add stores.
func (s *Site) Add(item *Item) { s.items = append(s.items, item) }

// Append stores.
func (s *Site) Append(lines []string) { s.lines = append(s.lines, lines...) }

// Log prints.
func (s *Site) Log(msg any) { fmt.Println(msg) }

// Logf prints.
func (s *Site) Logf(format string, args ...any) { fmt.Printf(format, args...) }

// OnFinish stores a function.
func (s *Site) OnFinish(f func()) { s.hooks = append(s.hooks, f) }

// Deliver hands over to another service.
func (s *Site) Deliver(item *Item) { s.stock.Store(item) }

// base is embedded: its methods are read.
type base struct{ marks map[string]int }

// Mark stores.
func (b *base) Mark(names []string) {
	for _, name := range names {
		b.marks[name]++
	}
}

// Collect writes to what it is given.
func (b *base) Collect(marks map[string]int) {
	for name, n := range b.marks {
		marks[name] = n
	}
}

// Cache is generic.
type Cache[K comparable, V any] struct{ m map[K]V }

// NewCache makes a Cache.
func NewCache[K comparable, V any]() *Cache[K, V] { return &Cache[K, V]{map[K]V{}} }

// Put stores.
func (c *Cache[K, V]) Put(k K, v V) { c.m[k] = v }

// Update calls back.
func (c *Cache[K, V]) Update(k K, f func(V) V) { c.m[k] = f(c.m[k]) }

// Stock is another service.
type Stock struct{ items []*Item }

// NewStock makes a Stock.
func NewStock() *Stock { return &Stock{} }

// Store stores.
func (s *Stock) Store(item *Item) { s.items = append(s.items, item) }

// Label writes to what it is given.
func (s *Stock) Label(item *Item) { item.Name = "in stock" }
