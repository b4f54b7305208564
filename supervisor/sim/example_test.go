package sim_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

type Account struct{ Balance int }

// withdraw looks and takes in one closure, so that nothing comes in between.
func withdraw(ctx context.Context, account *actor.Service[Account], amount int) error {
	return account.Run(ctx, func(a *Account) error {
		if a.Balance < amount {
			return fmt.Errorf("there are only %d", a.Balance)
		}
		a.Balance -= amount
		return nil
	})
}

func TestWithdraw(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) { customers(s, withdraw) })
}

// customers has two of them withdraw 70 each from an account that has 100.
func customers(s *sim.Sim, withdraw func(context.Context, *actor.Service[Account], int) error) {
	account := actor.Start(&Account{Balance: 100}, actor.WithName("account"))
	for _, name := range []string{"ann", "bob"} {
		s.Go(name, func(ctx context.Context) { _ = withdraw(ctx, account, 70) })
	}
	s.Always("no account is overdrawn", func() error {
		if a, _ := sim.State(account); a != nil && a.Balance < 0 {
			return fmt.Errorf("it has %d", a.Balance)
		}
		return nil
	})
}

// withdrawBadly looks first and takes then: in between the other customer may come.
func withdrawBadly(ctx context.Context, account *actor.Service[Account], amount int) error {
	balance, err := actor.Get(ctx, account, func(a *Account) int { return a.Balance })
	if err != nil || balance < amount {
		return err
	}
	return actor.Wait(ctx, account, func(a *Account) { a.Balance -= amount })
}

func TestWithdrawBadly(t *testing.T) {
	if os.Getenv("NANO_SHOW_FAILURE") == "" {
		t.Skip("it fails, as docs/simulation.rst shows")
	}
	sim.Run(t, func(s *sim.Sim) { customers(s, withdrawBadly) })
}
