package embedded_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

var silent = slog.New(slog.DiscardHandler)

// serve runs the server until the function that it returns is called. up is false if it does not
// come up, and then the function returns why.
func serve(t *testing.T, s *embedded.Server) (stop func() error, up bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	root := supervisor.New("test", supervisor.Spec{Children: []supervisor.Child{{Service: s}}, Logger: silent})
	err := root.Start(ctx)
	if err != nil {
		return func() error { return err }, false
	}
	return func() error { return root.Stop(context.Background()) }, true
}

// Each way in is refused that other machines reach and that shows who comes: all who reach
// the server may call every service.
func TestRefusesToListen(t *testing.T) {
	for name, c := range map[string]struct {
		listen  string
		options func(*server.Options)
		refused string // "": it is up
	}{
		"nowhere":         {"", nil, ""},
		"loopback":        {"127.0.0.1:0", nil, ""},
		"localhost":       {"localhost:0", nil, ""},
		"everywhere":      {"0.0.0.0:0", nil, "the server would listen"},
		"no host":         {":0", nil, "the server would listen"},
		"IPv6 everywhere": {"[::]:0", nil, "the server would listen"},
		"another name":    {"example.com:0", nil, "the server would listen"},
		"no port":         {"127.0.0.1", nil, "Listen"},
		"a bad port":      {"127.0.0.1:x", nil, "Listen"},
		"with a user":     {"0.0.0.0:0", func(o *server.Options) { o.Username, o.Password = "ada", "secret" }, ""},
		"with users": {"0.0.0.0:0", func(o *server.Options) {
			o.Users = []*server.User{{Username: "ada", Password: "secret"}}
		}, ""},
		"a token":    {"0.0.0.0:0", func(o *server.Options) { o.Authorization = "secret" }, ""},
		"a listener": {"", func(o *server.Options) { o.DontListen, o.Host, o.Port = false, "0.0.0.0", -1 }, "the server would listen"},
		"cluster": {"127.0.0.1:0", func(o *server.Options) {
			o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "x", "0.0.0.0", -1
		}, "the cluster would listen"},
		"gateway": {"", func(o *server.Options) { o.Gateway.Name, o.Gateway.Port = "x", -1 }, "the gateway would listen"},
		"leaf":    {"", func(o *server.Options) { o.LeafNode.Port = -1 }, "the leaf node would listen"},
		"web":     {"", func(o *server.Options) { o.Websocket.Port, o.Websocket.NoTLS = -1, true }, "the websocket would listen"},
		"monitor": {"", func(o *server.Options) { o.HTTPPort = -1 }, "monitoring would listen"},
		"two":     {":0", func(o *server.Options) { o.HTTPPort = -1 }, "monitoring would listen"},
		"a user for all": {"0.0.0.0:0", func(o *server.Options) {
			o.Users, o.NoAuthUser = []*server.User{{Username: "ada", Password: "secret"}}, "ada"
		}, "the server would listen"},
		"a user for all of the web": {"127.0.0.1:0", func(o *server.Options) {
			o.Users = []*server.User{{Username: "ada", Password: "secret"}}
			o.Websocket.Port, o.Websocket.NoTLS, o.Websocket.NoAuthUser = -1, true, "ada"
		}, "the websocket would listen"},
		"a user for all of MQTT": {"127.0.0.1:0", func(o *server.Options) {
			o.Users = []*server.User{{Username: "ada", Password: "secret"}}
			o.MQTT.Port, o.MQTT.NoAuthUser = 1, "ada"
		}, "MQTT would listen"},
		"profiling": {"", func(o *server.Options) { o.Host, o.ProfPort = "0.0.0.0", -1 }, "profiling would listen"},
		"profiling beside users": {"0.0.0.0:0", func(o *server.Options) {
			o.Username, o.Password, o.ProfPort = "ada", "secret", -1
		}, "profiling would listen"},
		"MQTT": {"", func(o *server.Options) { o.MQTT.Port, o.MQTT.TLSConfig = 1, nil }, "MQTT would listen"},
	} {
		s := embedded.New(embedded.Config{Listen: c.listen, Options: c.options, Logger: silent})
		stop, up := serve(t, s)
		err := stop()
		if up != (c.refused == "") || c.refused != "" && !strings.Contains(err.Error(), c.refused) || up && err != nil {
			t.Errorf("%s: up is %v, %v", name, up, err)
		}
	}
}

// TLS is enough.
func TestListensWithTLS(t *testing.T) {
	s := embedded.New(embedded.Config{Listen: "0.0.0.0:0", Logger: silent, Options: func(o *server.Options) {
		o.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("none") }}
	}})
	stop, up := serve(t, s)
	if err := stop(); err != nil || !up {
		t.Error(up, err)
	}
}

// Dial connects in memory, also after the server has been served again, and the server is
// at its address for others.
func TestDial(t *testing.T) {
	s := embedded.New(embedded.Config{Listen: "127.0.0.1:0", Dir: t.TempDir(), Logger: silent})
	if _, err := s.Dial()(context.Background()); err == nil || s.Addr() != nil || s.URL() != "" {
		t.Error(err, s.Addr(), s.URL())
	}
	if s.Name() != "nats" || !s.SignalsReady() {
		t.Error(s.Name())
	}
	for range 2 {
		stop, up := serve(t, s)
		if !up {
			t.Fatal(stop())
		}
		if err := s.Serve(context.Background()); !errors.Is(err, actor.ErrServed) {
			t.Error(err)
		}
		for name, dial := range map[string]func(context.Context) (*nats.Conn, error){"memory": s.Dial(), "network": remote.Dial(s.URL())} {
			nc, err := dial(context.Background())
			if err != nil {
				t.Fatal(name, err)
			}
			if nc.Opts.ReconnectBufSize != -1 {
				t.Errorf("%s: it buffers", name)
			}
			if js, err := nc.JetStream(); err != nil {
				t.Error(err)
			} else if _, err := js.AccountInfo(nats.MaxWait(patience)); err != nil {
				t.Errorf("%s: no JetStream: %v", name, err)
			}
			closed := make(chan struct{})
			nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
			nc.Close()
			<-closed
		}
		if _, _, err := net.SplitHostPort(s.Addr().String()); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestNilIsSaid(t *testing.T) {
	for name, f := range map[string]func(){
		"Addr":  func() { (*embedded.Server)(nil).Addr() },
		"Dial":  func() { new(embedded.Server).Dial() },
		"Serve": func() { _ = new(embedded.Server).Serve(context.Background()) },
		"ctx":   func() { var ctx context.Context; _ = embedded.New(embedded.Config{}).Serve(ctx) },
	} {
		func() {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "embedded: ") {
					t.Errorf("%s: %q", name, p)
				}
			}()
			f()
		}()
	}
}

// What NATS refuses is the error of the start.
func TestOptionsThatAreRefused(t *testing.T) {
	s := embedded.New(embedded.Config{Logger: silent, Options: func(o *server.Options) { o.MaxPayload, o.MaxPending = 2, 1 }})
	if err := s.Serve(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "embedded: max_payload") {
		t.Errorf("Serve = %v", err)
	}
}
