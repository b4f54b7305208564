package observer_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/httpserver"
	"github.com/bruskajp/nano_services/supervisor/observer"
)

// event is what a live page is sent.
type event struct {
	Put  [][2]string
	Drop []string
	end  string
}

// listening is a live page, as the script reads it.
type listening struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
}

func listen(t *testing.T, url string) *listening {
	t.Helper()
	answer, err := http.Get(url + "&format=events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || kind != "text/event-stream" {
		t.Fatalf("%s: %s", answer.Status, kind)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<24)
	return &listening{t, answer, lines}
}

// next returns the next event, or false at the end of the stream.
func (l *listening) next() (e event, ok bool) {
	l.t.Helper()
	ends := false
	for l.lines.Scan() {
		line := l.lines.Text()
		if line == "event: end" {
			ends = true
		}
		data, is := strings.CutPrefix(line, "data: ")
		if !is {
			continue
		}
		var err error
		if ends {
			err = json.Unmarshal([]byte(data), &e.end)
		} else {
			err = json.Unmarshal([]byte(data), &e)
		}
		if err != nil {
			l.t.Fatalf("%v: %s", err, data)
		}
		return e, true
	}
	return e, false
}

// part waits for an event that has a part with that in it.
func (l *listening) part(id, with string) {
	l.t.Helper()
	for e, ok := l.next(); ok; e, ok = l.next() {
		for _, p := range e.Put {
			if p[0] == id && strings.Contains(p[1], with) {
				return
			}
		}
	}
	l.t.Fatalf("the stream has ended, without a %s that has %q in it", id, with)
}

// ends waits for the end of the stream, and its reason.
func (l *listening) ends(want string) {
	l.t.Helper()
	for e, ok := l.next(); ; e, ok = l.next() {
		if !ok {
			l.t.Fatal("it ends without a word")
		}
		if e.end != "" {
			if e.end != want {
				l.t.Errorf("it ends because %s: want %s", e.end, want)
			}
			break
		}
	}
	if e, ok := l.next(); ok {
		l.t.Errorf("and then: %+v", e)
	}
}

// site is a tree with a server in it, that shows the tree itself.
func site(t *testing.T, children ...supervisor.Child) (root *supervisor.Supervisor, url string) {
	t.Helper()
	mux := http.NewServeMux()
	web := httpserver.New(&http.Server{Addr: "127.0.0.1:0", Handler: mux, ReadTimeout: time.Minute, WriteTimeout: time.Minute})
	root = tree(t, append(children, supervisor.Child{Service: web})...)
	mux.Handle("/debug", observer.Handler(root))
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return root, "http://" + web.Addr().String() + "/debug?"
}

// A live page is sent all of it, and then what has changed: a crash, for one. Rows that are no
// more are named.
func TestObserverLivePageFollows(t *testing.T) {
	svc := service("svc")
	root, url := site(t, supervisor.Child{Service: svc})
	all := listen(t, url)
	first, _ := all.next()
	ids := map[string]bool{}
	for _, p := range first.Put {
		ids[p[0]] = true
	}
	for _, id := range []string{"time", "well", "cycles", "found", "crash", "r0", "r1", "r2"} {
		if !ids[id] {
			t.Errorf("no %s in %v", id, ids)
		}
	}
	one := listen(t, url+"path=root/svc")
	_ = svc.Do(func(*counter) { outOfPaper() })
	all.part("r1", "out of paper")
	one.part("crash", `<h2 class="headline">out of paper</h2>`)
	if err := root.Remove(t.Context(), "svc"); err == nil {
		t.Error("removed while it runs")
	}
	if err := errors.Join(root.Terminate(t.Context(), "svc"), root.Remove(t.Context(), "svc")); err != nil {
		t.Fatal(err)
	}
	one.ends("the tree has no root/svc any more")
	for e, ok := all.next(); ; e, ok = all.next() {
		if !ok {
			t.Fatal("it has ended")
		}
		if len(e.Drop) > 0 {
			if len(e.Drop) != 1 || e.Drop[0] != "r2" {
				t.Errorf("%v", e.Drop)
			}
			break
		}
	}
}

// What has not changed is not sent again.
func TestObserverLivePageIsSentWhatChanges(t *testing.T) {
	server := httptest.NewServer(observer.Handler(fixed(many("root", 50))))
	t.Cleanup(server.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	for target, parts := range map[string]int{"/?": 56, "/?path=root/w1": 8, "/?view=picture": 3, "/?q=w1": 16} {
		l := listen(t, server.URL+target)
		first, _ := l.next()
		l.next() // since when rates are known
		third, _ := l.next()
		if len(first.Put) != parts || third.Put[0][0] != "time" || len(third.Put) > 1 && (len(third.Put) != 2 || third.Put[1][0] != "charts") || len(third.Drop) > 0 {
			t.Errorf("%s: %d parts, and then %v", target, len(first.Put), third)
		}
		l.answer.Body.Close()
	}
}

// A stream ends when its tree begins to stop: the server that serves it does not wait for it.
func TestObserverLivePagesDoNotHoldUpTheEnd(t *testing.T) {
	root, url := site(t, supervisor.Child{Service: service("svc")})
	pages := []*listening{listen(t, url), listen(t, url+"path=root/svc")}
	for _, l := range pages {
		l.next()
	}
	begun := time.Now()
	if err := root.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > supervisor.DefaultShutdown/2 { // what holds it up is cut off at nine tenths of that
		t.Errorf("the end took %v", took)
	}
	for _, l := range pages {
		l.ends("the tree stops")
	}
}

// So does one whose server is told to shut down and is not in the tree, nor the tree told.
func TestObserverLivePagesEndWithTheirServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: observer.Handler(fixed{Path: "root", State: "up"})}
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	url := "http://" + l.Addr().String() + "/?"
	pages := []*listening{listen(t, url), listen(t, url)}
	for _, p := range pages {
		p.next()
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	<-served
	for _, p := range pages {
		p.ends("the server shuts down")
	}
}

// There are 16 live pages at most; another one is told to come later, and may when one has gone.
func TestObserverLivePagesAreBounded(t *testing.T) {
	_, url := site(t)
	var pages []*listening
	for range 16 {
		l := listen(t, url)
		l.next()
		pages = append(pages, l)
	}
	answer, err := http.Get(url + "&format=events")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "16 pages are live") {
		t.Errorf("%s: %s", answer.Status, text)
	}
	pages[0].answer.Body.Close()
	for {
		answer, err := http.Get(url + "&format=events")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == 200 {
			break
		}
	}
}
