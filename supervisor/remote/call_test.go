package remote_test

import (
	"testing"
)

// The simplest use: a call, a cast, Sync and Ping.
func TestCallAndCast(t *testing.T) {
	p := newPair(t, setup{})
	ctx := within(t, patience)
	if sum, err := p.client.Deposit(ctx, "a", 40); sum != 40 || err != nil {
		t.Fatal(sum, err)
	}
	if sum, err := p.client.Deposit(ctx, "b", 2); sum != 42 || err != nil {
		t.Fatal(sum, err)
	}
	for _, text := range []string{"one", "two"} {
		if err := p.client.Note(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.client.Client().Sync(ctx); err != nil {
		t.Fatal(err)
	}
	if notes, entries, err := p.client.Count(ctx); notes != 2 || entries != 2 || err != nil {
		t.Fatal(notes, entries, err)
	}
	if all, err := p.client.Join(ctx, "x", "y"); len(all) != 2 || err != nil {
		t.Fatal(all, err)
	}
	peer, err := p.client.Client().Ping(ctx)
	if err != nil || peer.Type != "bank.Account" || peer.State != "running" || peer.Node != p.server.Info().Node {
		t.Fatal(peer, err)
	}
}
