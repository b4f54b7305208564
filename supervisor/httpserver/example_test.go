package httpserver_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// How does a tree serve HTTP?
func ExampleNew() {
	ctx := context.Background()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
	})
	web := httpserver.New(&http.Server{Addr: "127.0.0.1:0", Handler: mux})
	shop := supervisor.New("shop", supervisor.Spec{Children: []supervisor.Child{
		{Service: web, Shutdown: 20 * time.Second}, // after the services that it uses
	}})
	fmt.Println(shop.Start(ctx)) // it listens now

	r, err := http.Get("http://" + web.Addr().String() + "/hello")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := io.ReadAll(r.Body)
	fmt.Println(string(body), err)
	r.Body.Close()

	fmt.Println(shop.Stop(ctx)) // requests under way have finished
	// Output:
	// <nil>
	// hello <nil>
	// <nil>
}
