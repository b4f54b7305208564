package bank_test

import (
	"context"
	"math"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/bank"
)

// serve runs an account until the benchmark is over.
func serve(b *testing.B) bank.AccountService {
	account := bank.NewAccountService(math.MaxInt / 2)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- account.Serve(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			b.Error(err)
		}
	})
	return account
}

// Each generated method beside the closure that one would write by hand.
//
//	go test -run '^$' -bench . ./bank
func BenchmarkMethod(b *testing.B) {
	type call func(ctx context.Context, account bank.AccountService, n int) error
	for _, way := range []struct {
		name string
		call call
	}{
		{"Deposit/generated", func(_ context.Context, account bank.AccountService, n int) error {
			return account.Deposit(n)
		}},
		{"Deposit/byhand", func(_ context.Context, account bank.AccountService, n int) error {
			return account.Service().Do(func(a *bank.Account) { a.Deposit(n) })
		}},
		{"Balance/generated", func(ctx context.Context, account bank.AccountService, _ int) error {
			_, err := account.Balance(ctx)
			return err
		}},
		{"Balance/byhand", func(ctx context.Context, account bank.AccountService, _ int) error {
			_, err := actor.Get(ctx, account.Service(), (*bank.Account).Balance)
			return err
		}},
		{"Withdraw/generated", func(ctx context.Context, account bank.AccountService, n int) error {
			_, err := account.Withdraw(ctx, n)
			return err
		}},
		{"Withdraw/byhand", func(ctx context.Context, account bank.AccountService, n int) error {
			_, err := actor.CallContext(ctx, account.Service(), func(ctx context.Context, a *bank.Account) (int, error) {
				return a.Withdraw(ctx, n)
			})
			return err
		}},
	} {
		b.Run(way.name, func(b *testing.B) {
			account := serve(b)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if err := way.call(b.Context(), account, n); err != nil {
					b.Fatal(err)
				}
				if n%1024 == 0 { // so that the queue stays short
					account.Balance(b.Context())
				}
			}
		})
	}
}
