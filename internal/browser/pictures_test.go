package browser

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var pictures = flag.String("pictures", "", "the folder of the README's pictures, to renew them")

// The pictures of README.rst are made with
//
//	go -C internal/browser test -run TestPictures . -args -pictures ../../docs
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("-pictures is not given")
	}
	ctx := browser(t)
	url := start(t, "ledger", "-addr", "127.0.0.1:0", "-chaos", "2", "-log", "off")
	for i, id := range []string{"ada", "bob", "cy", "dora"} {
		post(t, url+"api/accounts", fmt.Sprint("open-", id), fmt.Sprintf(`{"id": %q, "balance": %d}`, id, 100_000*(i+1)))
	}
	pay, stop := context.WithCancel(t.Context())
	paid := make(chan struct{})
	go func() {
		defer close(paid)
		ids := []string{"ada", "bob", "cy", "dora"}
		pace := time.NewTicker(5 * time.Millisecond)
		defer pace.Stop()
		for i := 0; pay.Err() == nil; i++ {
			post(t, url+"api/transfers", fmt.Sprint("key-", i),
				fmt.Sprintf(`{"from": %q, "to": %q, "amount": %d}`, ids[i%4], ids[(i+1+i/4%3)%4], i*37%4000+1))
			<-pace.C
		}
	}()
	page := tab(t, ctx)
	do(t, page, "size", chromedp.EmulateViewport(1280, 820))
	for name, path := range map[string]string{"ledger.png": "", "page.png": "debug/services"} {
		do(t, page, name, chromedp.Navigate(url+path), chromedp.Sleep(12*time.Second)) // a rate is of ten seconds
		png := get(t, page, name, chromedp.CaptureScreenshot())
		if err := os.WriteFile(filepath.Join(*pictures, name), png, 0o644); err != nil {
			t.Error(err)
		}
	}
	stop()
	<-paid
}

// post asks for something; that it is refused does not matter for a picture.
func post(t *testing.T, url, key, body string) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewBufferString(body))
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	if answer, err := http.DefaultClient.Do(r); err == nil {
		_ = answer.Body.Close()
	}
}
