package trial

import (
	"context"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// prove compares what the clients remember with what is in the database: before is
// what a check has found there before the trial.
func (l load) prove(ctx context.Context, books store.Books, before store.Check, records []record) error {
	check, err := books.Check(ctx)
	if err != nil {
		return err
	}
	faults := []error{check.Err()}
	expected, acknowledged := map[string]int64{}, int64(0)
	for i := range accounts {
		expected[l.account(i)] = opened
	}
	for _, r := range records {
		faults = append(faults, r.prove(ctx, books))
		if !r.refused {
			acknowledged++
			expected[r.order.From] -= r.order.Amount
			expected[r.order.To] += r.order.Amount
		}
	}
	if n := check.Transfers - before.Transfers; n != acknowledged {
		faults = append(faults, fmt.Errorf("%d transfers were acknowledged, and there are %d", acknowledged, n))
	}
	if want := before.Sum + accounts*opened; check.Sum != want {
		faults = append(faults, fmt.Errorf("the sum of all balances is %d, and was %d", check.Sum, want))
	}
	for id, want := range expected {
		if a, err := books.Account(ctx, id); err != nil || a.Balance != want {
			faults = append(faults, fmt.Errorf("%s has %d (%v), and by what was acknowledged %d", id, a.Balance, err, want))
		}
	}
	return first(faults)
}

// prove looks for the record's transfer, or its refusal, under its key.
func (r record) prove(ctx context.Context, books store.Books) error {
	a, err := books.Answered(ctx, r.order.Key)
	switch {
	case errors.Is(err, store.ErrNoKey):
		return fmt.Errorf("%+v was answered, and the database does not know it", r.order)
	case err != nil:
		return err
	case r.refused != (a.Refusal != ""):
		return fmt.Errorf("%+v was refused: %t, and in the database: %q", r.order, r.refused, a.Refusal)
	case a.Value != r.got:
		return fmt.Errorf("%+v was answered with %+v, and the database has %+v", r.order, r.got, a.Value)
	}
	return nil
}

// first returns the first of many faults, and how many there are.
func first(faults []error) (err error) {
	n := 0
	for _, f := range faults {
		if f != nil {
			if n++; n == 1 {
				err = f
			}
		}
	}
	if n > 1 {
		return fmt.Errorf("%w; and %d more", err, n-1)
	}
	return err
}
