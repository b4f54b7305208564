package accounts

import (
	"context"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// AskOpen is Open by the member to which the account belongs. It does not wait for room:
// if the queue of that member is full, that is the answer at once, with the outcome
// NotRun. What comes first is done first, and so the last one in a long queue would only
// learn later that it has waited for too long.
func (p AccountsPool) AskOpen(ctx context.Context, o store.Opening) (store.Answer[store.Account], error) {
	return ask(ctx, p.Key(o.ID), func(ctx context.Context, a *Accounts) (store.Answer[store.Account], error) {
		return a.Open(ctx, o)
	})
}

// AskTransfer is Transfer by the member to which the debited account belongs. It does not
// wait for room, as AskOpen does not.
func (p AccountsPool) AskTransfer(ctx context.Context, o store.Order) (store.Answer[store.Transfer], error) {
	return ask(ctx, p.Key(o.From), func(ctx context.Context, a *Accounts) (store.Answer[store.Transfer], error) {
		return a.Transfer(ctx, o)
	})
}

func ask[R any](ctx context.Context, svc AccountsService, do func(context.Context, *Accounts) (R, error)) (R, error) {
	return actor.AsyncContext(ctx, actor.ProxyOf(svc.Service()), do).Await(ctx)
}
