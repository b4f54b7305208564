package bank_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/bank"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

// In any order and with faults no account is overdrawn, in 200 runs, each twice.
func TestAccountUnderSimulation(t *testing.T) {
	silent := slog.New(slog.DiscardHandler)
	sim.Run(t, func(s *sim.Sim) {
		account := bank.NewAccountService(100, actor.WithName("account"), actor.WithLogger(silent))
		root := supervisor.New("bank", supervisor.Spec{
			Logger: silent, MaxRestarts: supervisor.Unlimited, Children: []supervisor.Child{{Service: account}},
		})
		if err := root.Start(s.Context()); err != nil {
			s.Fatal(err)
		}
		s.Faults(sim.Every)
		for i := range 3 {
			s.Go(fmt.Sprint("customer", i), func(ctx context.Context) {
				_ = account.Deposit(10)
				err := fine(ctx, account, 70)
				s.Sometimes("one pays less", err == nil)
			})
		}
		s.Always("no account is overdrawn", func() error {
			if a, between := sim.State(account.Service()); a != nil && between && a.Balance() < 0 {
				return fmt.Errorf("it has %d", a.Balance())
			}
			return nil
		})
	}, sim.Check())
}
