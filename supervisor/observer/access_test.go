package observer_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64)"

// Who is not on the same machine is refused, unless a function allows it.
func TestObserverClients(t *testing.T) {
	client := func(remote, host string, headers ...string) func(*http.Request) {
		return func(r *http.Request) {
			r.RemoteAddr, r.Host = remote, host
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
		}
	}
	tests := []struct {
		name   string
		client func(*http.Request)
		want   int
	}{
		{"IPv4", client("127.0.0.1:1", "localhost:80"), 200},
		{"another loopback address", client("127.9.9.9:1", "localhost"), 200},
		{"IPv6", client("[::1]:1", "[::1]:80"), 200},
		{"IPv4 in IPv6", client("[::ffff:127.0.0.1]:1", "localhost"), 200},
		{"by any name, from a program", client("127.0.0.1:1", "debug.example"), 200},
		{"a browser", client("127.0.0.1:1", "localhost:8080", "User-Agent", browser), 200},
		{"a browser, by address", client("[::1]:1", "[::1]:8080", "User-Agent", browser), 200},
		{"a browser, by a local name", client("127.0.0.1:1", "shop.LOCALHOST:8080", "User-Agent", browser), 200},
		{"a browser, by a name that could be anybody's", client("127.0.0.1:1", "evil.example:8080", "User-Agent", browser), 403},
		{"a browser, by a name that looks local", client("127.0.0.1:1", "notlocalhost", "User-Agent", browser), 403},
		{"a browser, by another address", client("127.0.0.1:1", "10.0.0.1", "User-Agent", browser), 403},
		{"another machine", client("192.0.2.1:1", "localhost"), 403},
		{"another machine, IPv6", client("[2001:db8::1]:1", "[::1]"), 403},
		{"another machine, says otherwise", client("192.0.2.1:1", "localhost", "X-Forwarded-For", "127.0.0.1"), 403},
		{"the private network", client("10.0.0.1:1", "localhost"), 403},
		{"a proxy", client("127.0.0.1:1", "localhost", "X-Forwarded-For", "192.0.2.1"), 403},
		{"a proxy, by the standard", client("127.0.0.1:1", "localhost", "Forwarded", "for=192.0.2.1"), 403},
		{"a proxy, another way", client("127.0.0.1:1", "localhost", "X-Real-IP", "192.0.2.1"), 403},
		{"no address", client("", "localhost"), 403},
		{"no address that could be read", client("localhost:1", "localhost"), 403},
	}
	closed := observer.Handler(fixed{Path: "secret"})
	open := observer.Handler(fixed{Path: "secret"}, observer.Allow(func(*http.Request) bool { return true }))
	for _, tt := range tests {
		w := ask(closed, "/", tt.client)
		if w.Code != tt.want || strings.Contains(w.Body.String(), "secret") != (tt.want == 200) {
			t.Errorf("%s: %d: %s", tt.name, w.Code, w.Body)
		}
		if w := ask(open, "/", tt.client); w.Code != 200 {
			t.Errorf("%s: allowed: %d", tt.name, w.Code)
		}
	}
}

// The function decides about clients elsewhere, and is not asked about others.
func TestObserverAllow(t *testing.T) {
	asked := 0
	h := observer.Handler(fixed{}, observer.Allow(func(r *http.Request) bool {
		asked++
		_, password, _ := r.BasicAuth()
		return password == "sesame"
	}))
	remote := func(password string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr = "192.0.2.1:1"; r.SetBasicAuth("", password) }
	}
	if w := ask(h, "/", remote("sesame")); w.Code != 200 {
		t.Errorf("allowed: %d", w.Code)
	}
	if w := ask(h, "/", remote("simsalabim")); w.Code != 403 {
		t.Errorf("not allowed: %d", w.Code)
	}
	if w := ask(h, "/"); w.Code != 200 || asked != 2 {
		t.Errorf("local: %d, and the function was asked %d times", w.Code, asked)
	}
	if w := ask(observer.Handler(fixed{}, observer.Allow(nil)), "/", remote("")); w.Code != 403 {
		t.Errorf("no function: %d", w.Code)
	}
}

// Through a Unix socket everybody is local.
func TestObserverUnixSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: observer.Handler(fixed{})}}
	s.Start()
	defer s.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get("http://unix/")
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer, err)
	}
	_ = answer.Body.Close()
}

// The page can only be read.
func TestObserverMethods(t *testing.T) {
	s := httptest.NewServer(observer.Handler(fixed{Path: "root"}))
	defer s.Close()
	for method, want := range map[string]int{
		"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "PATCH": 405, "DELETE": 405, "OPTIONS": 405, "TRACE": 405,
	} {
		r, err := http.NewRequest(method, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want || want == 405 && answer.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s %v", method, answer.Status, answer.Header)
		}
		if want == 200 && answer.ContentLength < 100 {
			t.Errorf("%s: %d bytes", method, answer.ContentLength)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// What means nothing is refused, and says what would mean something.
func TestObserverBadQueries(t *testing.T) {
	h := observer.Handler(fixed{Path: "root", Children: []supervisor.Node{{Path: "root/child"}}})
	for query, want := range map[string]int{
		"": 200, "?": 200, "?path=": 200, "?path=root": 200, "?path=root/child": 200, "?path=root%2Fchild": 200,
		"?path=child": 404, "?path=root/": 404, "?path=root/nobody": 404, "?format=json&path=nobody": 404,
		"?format=html": 200, "?format=json": 200, "?format=xml": 400,
		"?all=1": 200, "?all=false": 200, "?all=maybe": 400,
		"?refresh=1": 200, "?refresh=3600": 200, "?refresh=0": 400, "?refresh=-1": 400, "?refresh=3601": 400, "?refresh=soon": 400,
		"?utm=1": 200,
	} {
		w := ask(h, "/"+query)
		if w.Code != want || want == 400 && !strings.Contains(w.Body.String(), "format=json") {
			t.Errorf("%s: %d: %s", query, w.Code, w.Body)
		}
	}
}

func TestObserverNilTree(t *testing.T) {
	for name, tree := range map[string]observer.Tree{"nil": nil, "a nil supervisor": (*supervisor.Supervisor)(nil)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			observer.Handler(tree)
		}()
	}
}
