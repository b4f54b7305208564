package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/supervisor/observer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The page is there when the café is open, and shows it; then it closes.
func TestPage(t *testing.T) {
	ctx, closeCafe := context.WithCancel(context.Background())
	defer closeCafe()
	opened, closed := make(chan string, 1), make(chan error, 1)
	go func() { closed <- run(ctx, "localhost:0", func(url string) { opened <- url }) }()
	url := <-opened

	for _, child := range []string{"kitchen", "cooks", "waiter", "till", "customers", "http"} {
		if html := get(t, url); !strings.Contains(html, ">"+child+"</a>") {
			t.Errorf("no %s in\n%s", child, html)
		}
	}
	var r observer.Report
	if err := json.Unmarshal([]byte(get(t, url+"?format=json")), &r); err != nil || len(r.Tree.Children) != 5 {
		t.Errorf("%v: %+v", err, r)
	}

	http.DefaultClient.CloseIdleConnections()
	closeCafe()
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %s:\n%s", err, answer.Status, body)
	}
	return string(body)
}
