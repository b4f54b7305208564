package web

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/examples/ledger/internal/audit"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// impatient are books that are not read when it is too late.
type impatient struct{ store.Books }

func (b impatient) Last(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return b.Books.Last(ctx)
}

// /readyz names what is wrong, and nothing else.
func TestReady(t *testing.T) {
	broken := errors.New("broken")
	for part, spoil := range map[string]func(f *fake){
		`"store":"broken"`: func(f *fake) { f.Ping = func(context.Context) error { return broken } },
		`"store":"context dead`: func(f *fake) {
			f.Ping = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
			f.Books = impatient{f.Books}
		},
		`"tree":"a service is`:   func(f *fake) { f.Up = func() bool { return false } },
		`"audit":"wrong"`:        func(f *fake) { f.Verdict = func() audit.Verdict { return audit.Verdict{Wrong: "wrong"} } },
		`"wanted":"about to end`: nil,
	} {
		f := newFake()
		if spoil != nil {
			spoil(f)
		}
		s := New(f.Services, DefaultLimits, quiet)
		defer s.streams.stop()
		if spoil == nil {
			s.Withdraw()
		}
		if a := do(s, "GET", "/readyz", ""); a.Code != 503 || !strings.Contains(a.Body.String(), part) || !strings.Contains(a.Body.String(), `"books":"ok"`) {
			t.Errorf("%d %s, want %s", a.Code, a.Body, part)
		}
	}
}
