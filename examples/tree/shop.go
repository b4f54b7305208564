package main

import (
	"context"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// shop is a tree:
//
//	shop            rest-for-one
//	  stock
//	  money         one-for-all, gives up after one restart
//	    till
//	    bank
//	  clerk
type shop struct {
	root   *supervisor.Supervisor
	till   *actor.Service[till]
	events chan supervisor.Event
}

type till struct{ cash int }

func newTill(context.Context) (*till, error) { return &till{}, nil }

func (t *till) put(amount int) { t.cash += amount }
func (t *till) count() int     { return t.cash }

type bank struct{}

func newBank(context.Context) (*bank, error) { return &bank{}, nil }

// clerk stands for anything that is not a service of package actor.
func clerk(ctx context.Context) error {
	supervisor.Ready(ctx)
	<-ctx.Done()
	return nil
}

func newShop() *shop {
	s := &shop{
		till:   actor.New(newTill, actor.WithName("till")),
		events: make(chan supervisor.Event, 100),
	}
	money := supervisor.New("money", supervisor.Spec{
		Strategy:    supervisor.OneForAll,
		MaxRestarts: 1,
		Children: []supervisor.Child{
			{Service: s.till},
			{Service: actor.New(newBank, actor.WithName("bank"))},
		},
	})
	s.root = supervisor.New("shop", supervisor.Spec{
		Strategy: supervisor.RestForOne,
		Logger:   slog.New(slog.DiscardHandler), // the events are printed
		OnEvent:  func(e supervisor.Event) { s.events <- e },
		Children: []supervisor.Child{
			{Name: "stock", Service: supervisor.Func(clerk), AwaitReady: true},
			{Service: money},
			{Name: "clerk", Service: supervisor.Func(clerk), AwaitReady: true},
		},
	})
	return s
}
