package app

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/web"
)

// When as many wait for an account as may, the next one is told so at once, and nothing
// of it is done. Other accounts are not concerned, and those that wait are served.
func TestHotAccount(t *testing.T) {
	limits := web.DefaultLimits
	limits.Time = time.Minute // who waits does not give up
	a := start(t, Settings{Database: store.InMemory, Waiting: 2, Limits: limits})
	open(t, a, "ada", "bob")
	hot := a.Accounts.Key("ada").Service()
	if hot == a.Accounts.Key("bob").Service() {
		t.Fatal("both accounts are of one member")
	}
	if err := hot.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	transfer := func(key, from, to string) (int, string) {
		return post(t, a.URL()+"api/transfers", key, `{"from":"`+from+`","to":"`+to+`","amount":1}`)
	}
	waiting := make(chan int, 2)
	for i := range cap(waiting) {
		go func() {
			status, _ := transfer(fmt.Sprint("waiting-", i), "ada", "bob")
			waiting <- status
		}()
	}
	for hot.Info().Queued < cap(waiting) { // it has no other way to say that they wait
		runtime.Gosched()
	}
	request, err := http.NewRequest("POST", a.URL()+"api/transfers", strings.NewReader(`{"from":"ada","to":"bob","amount":1}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "more")
	refused, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	status, body := answer(t)(refused, nil)
	if status != 503 || refused.Header.Get("Retry-After") == "" || !strings.Contains(body, "urn:ledger:later") {
		t.Errorf("one too many: %d %s", status, body)
	}
	if status, body := post(t, a.URL()+"api/accounts", "more", `{"id":"ada","balance":1}`); status != 503 {
		t.Errorf("an account of the same member: %d %s", status, body)
	}
	if status, body := transfer("other", "bob", "ada"); status != 201 {
		t.Errorf("another account: %d %s", status, body)
	}
	hot.Resume()
	for range cap(waiting) {
		if status := <-waiting; status != 201 {
			t.Errorf("one that waited: %d", status)
		}
	}
	if n, err := a.Books.Last(t.Context()); n != 3 || err != nil {
		t.Errorf("%d transfers, %v; want 3", n, err)
	}
	if status, body := transfer("more", "ada", "bob"); status != 201 {
		t.Errorf("later: %d %s", status, body)
	}
}
