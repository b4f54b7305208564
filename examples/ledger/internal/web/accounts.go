package web

import (
	"net/http"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

func (s *Site) openAccount(w http.ResponseWriter, r *http.Request) {
	var body struct {
		ID      string `json:"id"`
		Balance int64  `json:"balance"`
	}
	a, ok := change(s, w, r, &body, func(key string) (store.Answer[store.Account], error) {
		return s.Open(r.Context(), store.Opening{Key: key, ID: body.ID, Balance: body.Balance})
	})
	if ok {
		w.Header().Set("Location", "/api/accounts/"+a.ID)
		answer(w, http.StatusCreated, a)
	}
}

func (s *Site) showAccount(w http.ResponseWriter, r *http.Request) {
	a, err := s.Books.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, a)
}

// listAccounts answers with a page of accounts; ?after= is the ID behind which it
// begins, and next that for the following page.
func (s *Site) listAccounts(w http.ResponseWriter, r *http.Request) {
	p, ok := paged(w, r, "")
	if !ok {
		return
	}
	list, err := s.Books.Accounts(r.Context(), r.URL.Query().Get("after"), p.limit+1)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list, last := cut(p, list)
	answer(w, http.StatusOK, struct {
		Accounts []store.Account `json:"accounts"`
		Next     string          `json:"next,omitempty"`
	}{list, last.ID})
}
