package web

import (
	"net/http"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

func (s *Site) transfer(w http.ResponseWriter, r *http.Request) {
	var body struct {
		From   string `json:"from"`
		To     string `json:"to"`
		Amount int64  `json:"amount"`
	}
	t, ok := change(s, w, r, &body, func(key string) (store.Answer[store.Transfer], error) {
		return s.Transfer(r.Context(), store.Order{Key: key, From: body.From, To: body.To, Amount: body.Amount})
	})
	if ok {
		answer(w, http.StatusCreated, t)
	}
}

// listTransfers answers with a page of transfers, the latest first; ?before= is the number
// before which it begins, next that for the following page, and ?account= has only
// those of one account.
func (s *Site) listTransfers(w http.ResponseWriter, r *http.Request) {
	p, ok := paged(w, r, "before")
	if !ok {
		return
	}
	list, err := s.Books.Latest(r.Context(), r.URL.Query().Get("account"), p.id, p.limit+1)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list, last := cut(p, list)
	answer(w, http.StatusOK, struct {
		Transfers []store.Transfer `json:"transfers"`
		Next      int64            `json:"next,omitempty"`
	}{list, last.ID})
}
