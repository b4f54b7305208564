package trial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

const (
	accounts = 32
	opened   = 100_000 // with which each account begins
)

// A record is what somebody who transfers remembers.
type record struct {
	order   store.Order
	got     store.Transfer // if it was acknowledged
	refused bool
}

// load is those who transfer.
type load struct {
	client *client
	name   string // of this trial: begins accounts and keys
}

func (l load) account(i int) string { return fmt.Sprintf("%s-%02d", l.name, i) }

// begin opens the accounts.
func (l load) begin(ctx context.Context) error {
	for i := range accounts {
		var a store.Account
		body := map[string]any{"id": l.account(i), "balance": opened}
		refused, err := l.client.settled(ctx, "/api/accounts", "open-"+l.account(i), body, &a)
		if err != nil {
			return err
		}
		if refused {
			return fmt.Errorf("trial: the account %s cannot be opened", l.account(i))
		}
	}
	return nil
}

// run has n clients transfer until ctx ends, and returns what they remember. What was
// begun is settled, within settle.
func (l load) run(ctx, settle context.Context, n int) (all []record, err error) {
	var (
		mu      sync.Mutex
		clients sync.WaitGroup
	)
	for i := range n {
		clients.Go(func() {
			mine, e := l.transfer(ctx, settle, i)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
			if e != nil && err == nil {
				err = e
			}
		})
	}
	clients.Wait()
	return all, err
}

// transfer is one client. Now and then it asks for more than there is, and now and then
// it asks again for what it has been answered.
func (l load) transfer(ctx, settle context.Context, client int) (records []record, err error) {
	for n := 0; ctx.Err() == nil; n++ {
		from := rand.IntN(accounts)
		to := (from + 1 + rand.IntN(accounts-1)) % accounts
		r := record{order: store.Order{
			Key: fmt.Sprintf("%s-%d-%d", l.name, client, n), From: l.account(from), To: l.account(to), Amount: 1 + rand.Int64N(500),
		}}
		if rand.IntN(20) == 0 {
			r.order.Amount = accounts*opened + 1
		}
		if r.got, r.refused, err = l.ask(settle, r.order); err != nil {
			return append(records, r), err
		}
		records = append(records, r)
		if rand.IntN(10) == 0 {
			got, refused, err := l.ask(settle, r.order)
			if err != nil || got != r.got || refused != r.refused {
				return records, fmt.Errorf("trial: %+v was answered with %v, refused %t, and again with %v, refused %t (%v)",
					r.order, r.got, r.refused, got, refused, err)
			}
		}
	}
	return records, nil
}

func (l load) ask(ctx context.Context, o store.Order) (t store.Transfer, refused bool, err error) {
	body := map[string]any{"from": o.From, "to": o.To, "amount": o.Amount}
	refused, err = l.client.settled(ctx, "/api/transfers", o.Key, body, &t)
	return t, refused, err
}
