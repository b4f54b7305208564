package web

import (
	"net/http"

	"github.com/bruskajp/nano_services/examples/ledger/internal/audit"
	"github.com/bruskajp/nano_services/examples/ledger/internal/reports"
)

// report answers with sums, with the accounts that have paid most, and with the verdict
// of the audit.
func (s *Site) report(w http.ResponseWriter, r *http.Request) {
	top, err := s.Top(r.Context(), 10)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	type account struct {
		ID       string `json:"id"`
		Paid     int64  `json:"paid"`
		Received int64  `json:"received"`
	}
	body := struct {
		Totals reports.Totals `json:"totals"`
		Top    []account      `json:"top"`
		Audit  audit.Verdict  `json:"audit"`
	}{s.Totals(), []account{}, s.Verdict()}
	for _, a := range top {
		body.Top = append(body.Top, account(a))
	}
	answer(w, http.StatusOK, body)
}
