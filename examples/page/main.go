// Page is a café with some customers, whose tree can be looked at in a browser.
//
//	go run ./page
//
// and then http://localhost:8080/debug/services. Ctrl-C closes the café.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "where to serve the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, func(url string) { fmt.Println(url) }); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

// run keeps the café open until ctx ends. It says where the page is when there is one.
func run(ctx context.Context, addr string, say func(url string)) error {
	mux := http.NewServeMux()
	page := httpserver.New(&http.Server{Addr: addr, Handler: mux})
	cafe := newCafe(supervisor.Child{Service: page})
	mux.Handle("/debug/services", observer.Handler(cafe))

	if err := cafe.Start(ctx); err != nil {
		return err
	}
	say("http://" + page.Addr().String() + "/debug/services")
	select {
	case <-ctx.Done():
	case <-cafe.Done(): // it gave up
		return cafe.Err()
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return cafe.Stop(closing)
}
