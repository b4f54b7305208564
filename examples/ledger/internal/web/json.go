package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// answer writes a body.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}

// read reads the body of a request, or writes what is wrong with it.
func read(w http.ResponseWriter, r *http.Request, body any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		problem(w, http.StatusUnsupportedMediaType, "media-type", "the body has to be application/json")
		return false
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(body)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("there is something behind it")
		}
	}
	var (
		large *http.MaxBytesError
		kind  *json.UnmarshalTypeError // which says it in terms of Go
	)
	if errors.As(err, &kind) {
		err = fmt.Errorf("%s is a %s", cmp.Or(kind.Field, "all of it"), kind.Value)
	}
	switch {
	case errors.As(err, &large):
		problem(w, http.StatusRequestEntityTooLarge, "too-large", fmt.Sprintf("the body has more than %d bytes", large.Limit))
	case err != nil:
		problem(w, http.StatusBadRequest, "json", "the body is not the JSON that is expected: "+err.Error())
	}
	return err == nil
}

// change has a request change the books: it reads the body, and has that done under the
// request's key. What was done is returned; if it was not, the answer says why already.
func change[R any](s *Site, w http.ResponseWriter, r *http.Request, body any, do func(key string) (store.Answer[R], error)) (done R, ok bool) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		problem(w, http.StatusBadRequest, "no-key", "the header Idempotency-Key is missing: with it, a request may be repeated")
		return done, false
	}
	if !read(w, r, body) {
		return done, false
	}
	a, err := do(key)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case a.Refusal != "":
		refused(w, a.Refusal)
	default:
		return a.Value, true
	}
	return done, false
}

// page is where in a list a request is.
type page struct {
	limit int
	id    int64 // in lists by number; 0: at the begin
}

const mostPerPage = 200

// paged reads ?limit= and a number, or writes what is wrong with them.
func paged(w http.ResponseWriter, r *http.Request, number string) (p page, ok bool) {
	p = page{limit: 50}
	q := r.URL.Query()
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostPerPage {
			problem(w, http.StatusBadRequest, "limit", fmt.Sprintf("limit is not 1 to %d", mostPerPage))
			return p, false
		}
		p.limit = n
	}
	if text := q.Get(number); number != "" && text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			problem(w, http.StatusBadRequest, "cursor", number+" is not the number of a transfer")
			return p, false
		}
		p.id = n
	}
	return p, true
}

// cut returns the items of the page, of a list that has one more if another page follows.
// last is the one behind which that begins, and zero if there is none.
func cut[T any](p page, list []T) (items []T, last T) {
	if len(list) <= p.limit {
		return list, last
	}
	return list[:p.limit], list[p.limit-1]
}
