package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

var errUnknownItem = errors.New("unknown item")

// Warehouse knows how many there are of each item.
type Warehouse struct{ items map[string]int }

// Count looks into the shelves. The cellar takes longer than anybody waits.
func (w *Warehouse) Count(ctx context.Context, item string) (int, error) {
	if item == "cellar" {
		<-ctx.Done() // as a query of a database would
		return 0, ctx.Err()
	}
	n, ok := w.items[item]
	if !ok {
		return 0, errUnknownItem
	}
	return n, nil
}

// countItems answers how many there are of the path's {item}, within a limit.
func countItems(warehouse *actor.Service[Warehouse], limit time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		n, err := actor.CallContext(ctx, warehouse, func(ctx context.Context, s *Warehouse) (int, error) {
			return s.Count(ctx, r.PathValue("item"))
		})
		switch {
		case err == nil:
			fmt.Fprintln(w, n)
		case errors.Is(err, errUnknownItem):
			http.Error(w, err.Error(), http.StatusNotFound)
		case errors.Is(err, context.DeadlineExceeded):
			http.Error(w, "took too long", http.StatusGatewayTimeout)
		case actor.OutcomeOf(err) == actor.NotRun: // stopped, or down
			http.Error(w, "try again later", http.StatusServiceUnavailable)
		default:
			http.Error(w, "something went wrong", http.StatusInternalServerError)
		}
	}
}

// How does a request's deadline reach what is done for it?
func Example_httpHandler() {
	warehouse := actor.Start(&Warehouse{items: map[string]int{"apple": 7}})
	mux := http.NewServeMux()
	mux.Handle("GET /items/{item}", countItems(warehouse, time.Minute))
	mux.Handle("GET /hurry/{item}", countItems(warehouse, 10*time.Millisecond))

	get := func(path string) {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		fmt.Print(answer.Code, " ", answer.Body)
	}
	get("/items/apple")
	get("/items/pear")
	get("/hurry/cellar")
	warehouse.Stop(context.Background())
	get("/items/apple")
	// Output:
	// 200 7
	// 404 unknown item
	// 504 took too long
	// 503 try again later
}
