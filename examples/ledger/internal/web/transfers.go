package web

import (
	"net/http"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

func (s *Site) transfer(w http.ResponseWriter, r *http.Request) {
	key, ok := key(w, r)
	var body struct {
		From   string `json:"from"`
		To     string `json:"to"`
		Amount int64  `json:"amount"`
	}
	if !ok || !read(w, r, &body) {
		return
	}
	a, err := s.Transfer(r.Context(), store.Order{Key: key, From: body.From, To: body.To, Amount: body.Amount})
	switch {
	case err != nil:
		s.fail(w, r, err)
	case a.Refusal != "":
		refused(w, a.Refusal)
	default:
		answer(w, http.StatusCreated, a.Value)
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
	body := struct {
		Transfers []store.Transfer `json:"transfers"`
		Next      int64            `json:"next,omitempty"`
	}{Transfers: list}
	if len(list) > p.limit {
		body.Transfers = list[:p.limit]
		body.Next = list[p.limit-1].ID
	}
	answer(w, http.StatusOK, body)
}
