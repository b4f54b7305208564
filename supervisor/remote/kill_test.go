package remote_test

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
)

// long has tests take as long as in "check.sh -long".
var long = os.Getenv("NANO_REMOTE_LONG") != ""

// freePort returns an address of this machine at which no one listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// yard is processes that a test kills and starts again.
type yard struct {
	t       *testing.T
	dir     string
	url     string // of NATS
	files   int
	servers []string // files of the servers so far
	clients []string // and of the clients
}

func newYard(t *testing.T, url string) *yard { return &yard{t: t, dir: t.TempDir(), url: url} }

func (y *yard) start(role string) *process {
	y.t.Helper()
	y.files++
	file := filepath.Join(y.dir, role+strconv.Itoa(y.files))
	if role == "server" {
		y.servers = append(y.servers, file)
	} else {
		y.clients = append(y.clients, file)
	}
	return start(y.t, role, urlVariable+"="+y.url, fileVariable+"="+file)
}

// check compares what callers were told with what the servers have written down, when all
// of them have ended.
func (y *yard) check(l *load) {
	y.t.Helper()
	told := l.outcomes
	names := map[string]actor.Outcome{}
	for what := actor.Ran; what <= actor.Unknown; what++ {
		names[what.String()] = what
	}
	for _, line := range lines(y.t, y.clients...) {
		if id, what, ok := strings.Cut(line, ": "); ok {
			told[id] = names[what]
		}
	}
	oracle(y.t, told, lines(y.t, y.servers...))
}

// dialer is a node that calls, and comes back whenever NATS does.
func dialer(t *testing.T, url string, cfg remote.Config) *remote.Node {
	t.Helper()
	cfg.Logger = silent
	n := remote.New(remote.Dial(url), cfg)
	tree(t, supervisor.Child{Service: n})
	return n
}

// SIGKILL under load, of one of two servers, of a client and of NATS: each call has run at
// most once, and what its caller was told is true.
func TestR1Kill(t *testing.T) {
	rounds := 20
	if long {
		rounds = 200
	}
	address := freePort(t)
	nats := start(t, "nats", listenVariable+"="+address)
	y := newYard(t, "nats://"+address)
	servers := []*process{y.start("server"), y.start("server")}
	client := y.start("client")
	l := newLoad(dialer(t, y.url, remote.Config{AckTimeout: time.Second}), "test", nil)
	l.start(8)
	for round := range rounds {
		l.goesOn(t, 50)
		switch round % 5 {
		case 0, 2, 4:
			victim := &servers[round/2%2]
			(*victim).kill()
			*victim = y.start("server")
		case 1:
			client.kill()
			client = y.start("client")
		case 3:
			nats.kill()
			nats = start(t, "nats", listenVariable+"="+address)
		}
	}
	l.goesOn(t, 50)
	l.stop()
	client.stop(t)
	for _, s := range servers {
		s.stop(t)
	}
	y.check(l)
	nats.stop(t)
}

// A process that is paused runs late what came meanwhile; a caller that has left was told
// that it is unknown. So of a NATS that is paused.
func TestR2Paused(t *testing.T) {
	address := freePort(t)
	nats := start(t, "nats", listenVariable+"="+address)
	y := newYard(t, "nats://"+address)
	server := y.start("server")
	l := newLoad(dialer(t, y.url, remote.Config{}), "test", nil)
	l.start(4)
	for _, p := range []*process{server, nats} {
		l.goesOn(t, 20)
		if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		before := l.of(actor.Unknown)
		eventually(t, "calls are unknown", func() bool { return l.of(actor.Unknown) >= before+4 })
		if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	l.goesOn(t, 20)
	l.stop()
	server.stop(t)
	y.check(l)
	nats.stop(t)
}

// clustered returns options for a server of a cluster: "where it listens,route,route".
func clustered(routes string) func(*natsserver.Options) {
	if routes == "" {
		return nil
	}
	return func(o *natsserver.Options) {
		list := strings.Split(routes, ",")
		host, port, _ := net.SplitHostPort(list[0])
		o.Cluster.Name, o.Cluster.Host = "test", host
		o.Cluster.Port, _ = strconv.Atoi(port)
		o.ServerName = list[0]
		for _, r := range list[1:] {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: r})
		}
	}
}

// A cluster of three, of which one after the other is killed: calls go from servers of
// NATS to others.
func TestR1Cluster(t *testing.T) {
	if !long {
		t.Skip("only in check.sh -long")
	}
	var listen, routes, urls []string
	for range 3 {
		listen, routes = append(listen, freePort(t)), append(routes, freePort(t))
	}
	begin := func(i int) *process {
		cluster := []string{routes[i]}
		for j, r := range routes {
			if j != i {
				cluster = append(cluster, r)
			}
		}
		return start(t, "nats", listenVariable+"="+listen[i], routesVariable+"="+strings.Join(cluster, ","))
	}
	var nats []*process
	for i := range 3 {
		nats, urls = append(nats, begin(i)), append(urls, "nats://"+listen[i])
	}
	y := newYard(t, strings.Join(urls, ","))
	servers := []*process{y.start("server"), y.start("server")}
	l := newLoad(dialer(t, y.url, remote.Config{}), "test", nil)
	l.start(8)
	for round := range 30 {
		l.goesOn(t, 50)
		i := round % 3
		nats[i].kill()
		l.goesOn(t, 50)
		nats[i] = begin(i)
	}
	l.stop()
	for _, s := range servers {
		s.stop(t)
	}
	y.check(l)
}
