package embedded_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
)

// A logger that misbehaves harms no connection: what the server says it says on goroutines that
// have other things to do.
func TestL17LoggerOfAServer(t *testing.T) {
	for _, name := range hostile.Names {
		t.Run(name, func(t *testing.T) {
			m, release := hostile.New(name)
			began, act := make(chan struct{}, 100), m.Act
			m.Act = func() { began <- struct{}{}; act() }
			s := embedded.New(embedded.Config{Listen: "127.0.0.1:0", Logger: slog.New(&hostile.Handler{Manner: m}), Options: func(o *server.Options) {
				o.Username, o.Password = "ada", "secret"
			}})
			stop, up := serve(t, s)
			if !up {
				t.Fatal("it is not up")
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			for range 3 {
				if _, err := remote.Dial(s.URL(), nats.UserInfo("ada", "wrong"))(ctx); err == nil {
					t.Error("it is let in")
				}
			}
			<-began
			nc, err := remote.Dial(s.URL(), nats.UserInfo("ada", "secret"))(ctx)
			if err != nil {
				t.Fatal(err)
			}
			closed := make(chan struct{})
			nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
			nc.Close()
			<-closed
			if err := stop(); err != nil {
				t.Error(err)
			}
			release()
		})
	}
}
