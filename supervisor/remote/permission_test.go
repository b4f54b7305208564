package remote_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// logged is a log that a test reads while it is written.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

// The permissions that docs/remote.rst gives to a server and a client are enough, and what
// is not permitted is said in the log: NATS drops it, so its outcome is Unknown.
func TestPermissions(t *testing.T) {
	subjects := func(list ...string) *natsserver.SubjectPermission { return &natsserver.SubjectPermission{Allow: list} }
	srv := embedded.New(embedded.Config{Listen: "127.0.0.1:0", Logger: silent, Options: func(o *natsserver.Options) {
		o.Users = []*natsserver.User{
			{Username: "store", Password: "s", Permissions: &natsserver.Permissions{
				Subscribe: subjects("nano.1.c.bank.ada.*", "nano.1.x.bank.ada", "nano.1.p.bank.ada", "_INBOX_store.>"),
				Publish:   subjects("_INBOX_shop.>"),
			}},
			{Username: "shop", Password: "s", Permissions: &natsserver.Permissions{
				Subscribe: subjects("_INBOX_shop.>"),
				Publish:   subjects("nano.1.c.bank.ada.*", "nano.1.x.bank.ada", "nano.1.p.bank.ada"),
			}},
		}
	}})
	tree(t, supervisor.Child{Service: srv})
	var log logged
	as := func(user string) *remote.Node {
		n := remote.New(remote.Dial(srv.URL(), nats.UserInfo(user, "s"), nats.CustomInboxPrefix("_INBOX_"+user)),
			remote.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		tree(t, supervisor.Child{Service: n})
		return n
	}
	svc := actor.New(func(context.Context) (*bank.Account, error) { return new(bank.Account), nil })
	store, shop := as("store"), as("shop")
	tree(t, supervisor.Child{Service: svc}, supervisor.Child{Service: bank.BindAccount(store, "bank.ada", svc)})
	client := bank.NewAccountClient(shop, "bank.ada")
	if sum, err := client.Deposit(within(t, patience), "x", 1); sum != 1 || err != nil {
		t.Error(sum, err)
	}
	if err := client.Note("x"); err != nil {
		t.Error(err)
	}
	if err := client.Client().Sync(within(t, patience)); err != nil {
		t.Error(err)
	}
	if _, err := client.Client().Ping(within(t, patience)); err != nil {
		t.Error(err)
	}
	if log.has("level") {
		t.Error(log.text.String())
	}
	_, err := bank.NewAccountClient(shop, "bank.eve").Deposit(within(t, 50*time.Millisecond), "x", 1)
	demand(t, err, actor.Unknown, remote.ErrNoAnswer)
	eventually(t, "it is logged", func() bool { return log.has("nano.1.c.bank.eve.Deposit") })
}
