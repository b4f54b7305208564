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

// Who is not on the same machine is refused, unless a function allows it.
func TestObserverClients(t *testing.T) {
	client := func(remote, host string, headers ...string) func(*http.Request) {
		return func(r *http.Request) {
			r.RemoteAddr, r.Host = remote, host
			r.Header.Set("Accept-Encoding", "gzip") // as browsers do, and Go's client
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
		}
	}
	tests := []struct {
		name    string
		client  func(*http.Request)
		refused string // why; "": it may look
	}{
		{"IPv4", client("127.0.0.1:1", "localhost:80"), ""},
		{"another loopback address", client("127.9.9.9:1", "127.0.0.1"), ""},
		{"IPv6", client("[::1]:1", "[::1]:80"), ""},
		{"IPv6, no port", client("[::1]:1", "[::1]"), ""},
		{"IPv4 in IPv6", client("[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]"), ""},
		{"the root of all names", client("127.0.0.1:1", "localhost.:80"), ""},
		{"a local name", client("127.0.0.1:1", "shop.LOCALHOST:8080"), ""},
		{"a name that could be anybody's", client("127.0.0.1:1", "evil.example:8080"), `by the name "evil.example:8080"`},
		{"a browser that says what a page wants", client("127.0.0.1:1", "evil.example", "User-Agent", "x", "Accept-Encoding", ""), "use localhost"},
		{"any name, from no browser", func(r *http.Request) { r.RemoteAddr, r.Host = "127.0.0.1:1", "debug.example" }, ""},
		{"a name that looks local", client("127.0.0.1:1", "notlocalhost"), "use localhost"},
		{"a name that begins locally", client("127.0.0.1:1", "localhost.example"), "use localhost"},
		{"another address", client("127.0.0.1:1", "10.0.0.1"), "use localhost"},
		{"any address", client("127.0.0.1:1", "0.0.0.0"), "use localhost"},
		{"no name", client("127.0.0.1:1", ""), "use localhost"},
		{"another machine", client("192.0.2.1:1", "localhost"), "not on this machine"},
		{"another machine, IPv6", client("[2001:db8::1]:1", "[::1]"), "not on this machine"},
		{"another machine, says otherwise", client("192.0.2.1:1", "localhost", "X-Forwarded-For", "127.0.0.1"), "a proxy"},
		{"the private network", client("10.0.0.1:1", "localhost"), "not on this machine"},
		{"a proxy", client("127.0.0.1:1", "localhost", "X-Forwarded-For", "192.0.2.1"), "a proxy"},
		{"a proxy that says nothing", client("127.0.0.1:1", "localhost", "X-Forwarded-For", ""), "a proxy"},
		{"a proxy for a host", client("127.0.0.1:1", "localhost", "X-Forwarded-Host", "shop.example"), "a proxy"},
		{"a proxy for a server", client("127.0.0.1:1", "localhost", "X-Forwarded-Server", "shop.example"), "a proxy"},
		{"a proxy, by the standard", client("127.0.0.1:1", "localhost", "Forwarded", "for=192.0.2.1"), "a proxy"},
		{"a proxy on the way", client("127.0.0.1:1", "localhost", "Via", "1.1 proxy"), "a proxy"},
		{"a proxy, another way", client("127.0.0.1:1", "localhost", "X-Real-IP", "192.0.2.1"), "a proxy"},
		{"a proxy, yet another", client("127.0.0.1:1", "localhost", "True-Client-IP", "192.0.2.1"), "a proxy"},
		{"a proxy, and another", client("127.0.0.1:1", "localhost", "CF-Connecting-IP", "192.0.2.1"), "a proxy"},
		{"no address", client("", "localhost"), "not on this machine"},
		{"no address that could be read", client("localhost:1", "localhost"), "not on this machine"},
	}
	closed := observer.Handler(fixed{Path: "secret"})
	open := observer.Handler(fixed{Path: "secret"}, observer.Allow(func(*http.Request) bool { return true }))
	for _, tt := range tests {
		w := ask(closed, "/", tt.client)
		switch text := w.Body.String(); {
		case tt.refused == "" && (w.Code != 200 || !strings.Contains(text, "secret")):
			t.Errorf("%s: %d: %s", tt.name, w.Code, text)
		case tt.refused != "" && (w.Code != 403 || strings.Contains(text, "secret") ||
			!strings.Contains(text, tt.refused) || !strings.Contains(text, "observer.Allow")):
			t.Errorf("%s: %d, want one that says %q: %s", tt.name, w.Code, tt.refused, text)
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

// Pages of other sites may link to this one, and have a browser ask for nothing else.
func TestObserverOtherSites(t *testing.T) {
	h := observer.Handler(fixed{}, observer.Allow(func(*http.Request) bool { return true }))
	for fetch, want := range map[string]int{
		"":                     200, // of a program, or an old browser
		"none navigate":        200,
		"same-origin navigate": 200,
		"same-origin no-cors":  200,
		"same-site navigate":   200,
		"cross-site navigate":  200,
		"same-site no-cors":    403,
		"cross-site no-cors":   403,
		"cross-site cors":      403,
		"cross-site websocket": 403,
		"cross-site":           403,
	} {
		w := ask(h, "/", func(r *http.Request) {
			site, mode, _ := strings.Cut(fetch, " ")
			r.Header.Set("Sec-Fetch-Site", site)
			r.Header.Set("Sec-Fetch-Mode", mode)
		})
		if w.Code != want {
			t.Errorf("%s: %d: %s", fetch, w.Code, w.Body)
		}
	}
}

// Through a Unix socket everybody is local, by any name, but for whom a proxy asks.
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
	for name, want := range map[string]int{"Accept": 200, "X-Forwarded-For": 403} {
		r, err := http.NewRequest(http.MethodGet, "http://unix/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(name, "192.0.2.1")
		answer, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("with %s: %s", name, answer.Status)
		}
	}
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
		"?q=child": 200, "?sort=rate": 200, "?sort=luck": 400, "?fold=root&fold=x": 200, "?view=picture": 200, "?view=film": 400,
		"?all=1": 200, "?all=false": 200, "?all=maybe": 400,
		"?refresh=1": 200, "?refresh=3600": 200, "?refresh=0": 400, "?refresh=-1": 400, "?refresh=3601": 400, "?refresh=soon": 400,
		"?utm=1": 200, "?path=%zz": 400, "?path=root;all=1": 400,
	} {
		w := ask(h, "/"+query)
		if w.Code != want || want == 400 && !strings.Contains(w.Body.String(), "format=json") {
			t.Errorf("%s: %d: %s", query, w.Code, w.Body)
		}
	}
}

func TestObserverNil(t *testing.T) {
	for name, f := range map[string]func(){
		"tree":       func() { observer.Handler(nil) },
		"supervisor": func() { observer.Handler((*supervisor.Supervisor)(nil)) },
		"option":     func() { observer.Handler(fixed{}, nil) },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "observer: ") {
					t.Errorf("nil %s: %q", name, text)
				}
			}()
			f()
		}()
	}
}
