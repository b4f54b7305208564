package remote_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
)

// A connection that is to be made later is refused for that, and not for what is not known of
// its server yet.
func TestNotConnectedYet(t *testing.T) {
	n := remote.New(remote.Dial("nats://127.0.0.1:1", nats.RetryOnFailedConnect(true)), remote.Config{Logger: silent})
	if err := n.Serve(within(t, patience)); err == nil || !strings.Contains(err.Error(), "nats.RetryOnFailedConnect") {
		t.Error(err)
	}
}

// Where a node is connected is said as it is: a connection in memory has no address.
func TestWhereTheServerIs(t *testing.T) {
	srv := server(t)
	if got := node(t, srv, remote.Config{}).Info().Server; got != "memory" {
		t.Error(got)
	}
	far := remote.New(remote.Dial(srv.URL()), remote.Config{Logger: silent})
	tree(t, supervisor.Child{Service: far})
	if got := far.Info().Server; got != srv.URL() {
		t.Errorf("%s, and it is at %s", got, srv.URL())
	}
}

// A node whose server is not there fails at its start, unless it may try again.
func TestServerComesLater(t *testing.T) {
	first := embedded.New(embedded.Config{Listen: "127.0.0.1:0", Logger: silent})
	s := supervisor.New("first", supervisor.Spec{Children: []supervisor.Child{{Service: first}}, Logger: silent})
	if err := s.Start(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	addr := first.Addr().String()
	if err := s.Stop(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	dial := remote.Dial("nats://" + addr)
	once := supervisor.New("once", supervisor.Spec{Children: []supervisor.Child{{Service: remote.New(dial, remote.Config{Logger: silent})}}, Logger: silent})
	if err := once.Start(within(t, patience)); err == nil {
		t.Error("it started without a server")
	}
	tried := make(chan struct{})
	var tries sync.Once
	n := remote.New(func(ctx context.Context) (*nats.Conn, error) {
		defer tries.Do(func() { close(tried) })
		return dial(ctx)
	}, remote.Config{Logger: silent})
	again := supervisor.New("again", supervisor.Spec{
		Children: []supervisor.Child{{Service: n, StartTimeout: patience, Backoff: &supervisor.Backoff{Min: time.Millisecond, Max: 50 * time.Millisecond}}},
		Logger:   silent,
	})
	started := make(chan error, 1)
	go func() { started <- again.Start(within(t, patience)) }()
	receive(t, tried)
	tree(t, supervisor.Child{Service: embedded.New(embedded.Config{Listen: addr, Logger: silent})})
	if err := receive(t, started); err != nil || !n.Info().Connected {
		t.Error(err)
	}
	if err := again.Stop(within(t, patience)); err != nil {
		t.Error(err)
	}
}
