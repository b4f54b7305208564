package observer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

type Basket struct{ items []string }

func newBasket(context.Context) (*Basket, error) { return new(Basket), nil }

// How do I look at a tree in a browser, and from a program?
func ExampleHandler() {
	silent := slog.New(slog.DiscardHandler)
	basket := actor.New(newBasket, actor.WithName("basket"))
	shop := supervisor.New("shop", supervisor.Spec{
		Logger:   silent,
		Children: []supervisor.Child{{Service: basket}},
	})
	fmt.Println(shop.Start(context.Background()))
	basket.Do(func(b *Basket) { b.items = append(b.items, "apple") })

	mux := http.NewServeMux()
	mux.Handle("/debug/services", observer.Handler(shop))
	server := httptest.NewServer(mux)

	answer, err := server.Client().Get(server.URL + "/debug/services?format=json")
	if err != nil {
		fmt.Println(err)
		return
	}
	var report observer.Report
	fmt.Println(json.NewDecoder(answer.Body).Decode(&report))
	for _, child := range report.Tree.Children {
		fmt.Println(child.Path, child.State, "incarnation", child.Service.Incarnation)
	}
	answer.Body.Close()
	server.Close()
	fmt.Println(shop.Stop(context.Background()))
	// Output:
	// <nil>
	// <nil>
	// shop/basket up incarnation 1
	// <nil>
}

// How do I let people look who are not on the same machine?
func ExampleAllow() {
	shop := supervisor.New("shop", supervisor.Spec{})
	page := observer.Handler(shop, observer.Allow(func(r *http.Request) bool {
		_, password, _ := r.BasicAuth()
		return password == "open sesame" // or whatever the application uses
	}))

	r := httptest.NewRequest(http.MethodGet, "/debug/services", nil) // from another machine
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	fmt.Println(w.Code)

	r.SetBasicAuth("", "open sesame")
	w = httptest.NewRecorder()
	page.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// 403
	// 200
}
