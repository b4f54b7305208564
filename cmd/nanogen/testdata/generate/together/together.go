// Package together has structs that know each other's services.
package together

import "context"

//go:generate go tool nanogen -type Orders
//go:generate go tool nanogen -type Stock

// Orders are placed.
type Orders struct {
	stock StockService
	shelf ShelfService[string]
	lists LíneasService
}

// NewOrders knows a service that may not have been generated yet.
func NewOrders(stock StockService, shelf ShelfService[string], lists LíneasService) *Orders {
	return &Orders{stock, shelf, lists}
}

// Place places an order.
func (o *Orders) Place(ctx context.Context, what string) (int, error) { return o.stock.Take(ctx, what) }

// Use uses another stock.
func (o *Orders) Use(stock StockCalls) {}

// Stock has things.
type Stock struct{ things map[string]int }

func newStock() *Stock { return &Stock{map[string]int{}} }

// Take takes a thing.
func (s *Stock) Take(ctx context.Context, what string) (int, error) { return s.things[what], nil }

// Shelf has a service as well.
type Shelf[T any] struct{}

//go:generate go tool nanogen -type Shelf

func newShelf[T any]() *Shelf[T] { return &Shelf[T]{} }

// Put puts.
func (*Shelf[T]) Put(thing T) {}

// Líneas is not written in ASCII.
type Líneas struct{}

//go:generate go tool nanogen -type Líneas -out lines_service.go

// NewLíneas makes it.
func NewLíneas() *Líneas { return &Líneas{} }

// Draw draws.
func (*Líneas) Draw() {}

func start(ctx context.Context) (int, error) {
	return NewOrdersService(NewStockService(), NewShelfService[string](), NewLíneasService()).Place(ctx, "apple")
}
