package actor_test

import (
	"context"
	"fmt"
	"maps"

	"github.com/bruskajp/nano_services/actor"
)

// Menu is read by many, and seldom changed.
type Menu struct{ prices map[string]int }

func (m *Menu) Set(dish string, cents int) { m.prices[dish] = cents }
func (m *Menu) All() map[string]int        { return maps.Clone(m.prices) }

// How is a service read by many at once, without asking it?
func ExampleNewView() {
	ctx := context.Background()
	menu := actor.Start(&Menu{prices: map[string]int{}})

	prices := actor.NewView(menu, (*Menu).All)
	menu.Run(ctx, func(m *Menu) error { m.Set("soup", 450); return nil })
	fmt.Println(prices.Load()) // takes nanoseconds, on any goroutine

	_, before := prices.Latest()
	menu.Run(ctx, func(m *Menu) error { m.Set("tea", 200); return nil })
	all, version := prices.Latest()
	fmt.Println(all, version-before, "newer")

	menu.Stop(ctx)
	fmt.Println(prices.Load()["tea"]) // the last one seen
	// Output:
	// map[soup:450]
	// map[soup:450 tea:200] 1 newer
	// 200
}
