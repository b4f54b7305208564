package tutorial_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
)

// transfers answers POST /transfers with the body of an Order.
func transfers(books *actor.Service[Books]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		var o Order
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&o); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		err := book(ctx, books, o)
		switch {
		case err == nil:
			w.WriteHeader(http.StatusCreated)
		case actor.OutcomeOf(err) != actor.Ran: // the key makes it safe to ask again
			w.Header().Set("Retry-After", "1")
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		case errors.Is(err, errNoAccount), errors.Is(err, errOverdraft):
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		default:
			http.Error(w, "cannot be kept", http.StatusInternalServerError)
		}
	}
}

// serve serves the books until ctx ends, and calls up with the address.
func serve(ctx context.Context, name string, up func(addr string)) error {
	books := actor.New(openBooks(name), actor.WithLogger(silent), actor.WithBatch(100, commitOrEnd), actor.WithCapacity(1000))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /transfers", transfers(books))
	server := httpserver.New(&http.Server{Handler: mux}, httpserver.WithListener(
		func(ctx context.Context) (net.Listener, error) {
			var c net.ListenConfig
			return c.Listen(ctx, "tcp", "127.0.0.1:0")
		}))
	bank := supervisor.New("bank", supervisor.Spec{Logger: silent, Children: []supervisor.Child{
		{Service: books},  // first to start, last to stop
		{Service: server}, // finishes its requests first
	}})
	if err := bank.Start(ctx); err != nil {
		return err
	}
	up(server.Addr().String())
	select {
	case <-ctx.Done():
	case <-bank.Done(): // has given up
		return bank.Err()
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return bank.Stop(within)
}

// post prints what comes of a request.
func post(url, body string) {
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	fmt.Println(strings.TrimSpace(fmt.Sprint(answer.StatusCode, " ", string(text))))
}

func Example_step7() {
	ctx, interrupt := context.WithCancel(context.Background()) // in main: signal.NotifyContext
	name, remove := temporary()
	defer remove()
	defer http.DefaultClient.CloseIdleConnections()
	fmt.Println(serve(ctx, name, func(addr string) {
		url := "http://" + addr + "/transfers"
		post(url, `{"Key": "k1", "From": "ada", "To": "bob", "Cents": 30}`)
		post(url, `{"Key": "k2", "From": "ada", "To": "bob", "Cents": 3000}`)
		post(url, `{"Key": "k3", "From": "ada", "To": "eve", "Cents": 1}`)
		post(url, `please`)
		interrupt()
	}))
	// Output:
	// 201
	// 422 not enough
	// 422 no such account
	// 400 invalid character 'p' looking for beginning of value
	// <nil>
}

func Example_step7Wrong() {
	// The disk is away when it starts: it says so, and what, and does not listen.
	err := serve(context.Background(), "/no/such/folder/books", func(string) { fmt.Println("up") })
	var start *supervisor.StartError
	fmt.Println(errors.As(err, &start), start.Child)
	// Output:
	// true bank/Books
}
