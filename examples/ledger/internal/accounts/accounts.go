// Package accounts takes what customers ask for, and has it done.
//
// It is a pool whose members each take what is to be debited to certain accounts
// (Key): the transfers of one account are done one after the other, in the order in
// which they have come, also while one of them has to be asked for twice. No member
// calls another, so that none can wait for each other.
package accounts

import (
	"context"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

//go:generate go tool nanogen -type Accounts -pool

// Accounts are the accounts of one member.
type Accounts struct{ store store.Store }

// NewAccounts returns accounts that are kept in a store.
func NewAccounts(s store.Store) *Accounts { return &Accounts{s} }

// tries is how often something is asked for whose answer was lost. Each time but the
// first, the store has been started anew.
const tries = 4

// Open opens an account.
func (a *Accounts) Open(ctx context.Context, o store.Opening) (store.Answer[store.Account], error) {
	return store.Settle(ctx, tries, func(ctx context.Context) (store.Answer[store.Account], error) {
		return a.store.Open(ctx, o)
	})
}

// Transfer moves an amount from one account to another. That the store crashes meanwhile
// is not noticed by its caller, except by the time that it takes.
func (a *Accounts) Transfer(ctx context.Context, o store.Order) (store.Answer[store.Transfer], error) {
	return store.Settle(ctx, tries, func(ctx context.Context) (store.Answer[store.Transfer], error) {
		return a.store.Transfer(ctx, o)
	})
}
