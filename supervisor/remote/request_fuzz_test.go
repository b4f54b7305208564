package remote_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// Headers and arguments of requests come from anywhere. Each request is answered; it has run
// once if the answer does not say that it was not, and not at all if it does.
func FuzzRequest(f *testing.F) {
	ok := []byte{0x82, 0x61, 'x', 0x07}
	f.Add("Deposit", sig(depositSig), "", "", "", ok)
	f.Add("Deposit", sig(depositSig), "9223372036854775807", "9223372036854775807", "", ok)
	f.Add("Deposit", sig(depositSig), "1", "-9223372036854775808", "", ok)
	f.Add("Deposit", sig(depositSig), "0x10", "1e9", "application/json", []byte(`["x", 7]`))
	f.Add("Deposit", "", "", "", "application/json", []byte(`["x", 7]`))
	f.Add("Deposit", "", "", "", "application/json", []byte(`["\ud800", 9223372036854775808, null]`))
	f.Add("Deposit", "", "1000", "", "application/json", []byte(`[null, null]`))
	f.Add("Deposit", "", "", "", "application/json", []byte(strings.Repeat("[", 1000)+strings.Repeat("]", 1000)))
	f.Add("Deposit", "", "", "", "application/json", []byte(`[{"A":"x"}, [7]]`))
	f.Add("Note", sig(noteSig), "", "", "", []byte{0x81, 0x61, 'x'})
	f.Add("Note", "", "", "", "application/json", []byte(`["x"]`))
	f.Add("Count", "", "1", "", "application/json", []byte(`[]`))
	f.Add("close", sig(noteSig), "", "", "text/plain", []byte{0xff})
	p := newPair(f, setup{})
	nc := raw(f, p.srv)
	executed := func(t *testing.T) uint64 {
		// What was cast has run then, and so has this.
		if _, err := actor.Call(within(t, patience), p.svc, func(*bank.Account) (int, error) { return 0, nil }); err != nil {
			t.Fatal(err)
		}
		return p.svc.Info().Executed
	}
	f.Fuzz(func(t *testing.T, method, signature, timeout, expires, kind string, data []byte) {
		if !sendable(method, signature, timeout, expires, kind) || len(data) > 1<<16 {
			t.Skip()
		}
		h := nats.Header{}
		for key, value := range map[string]string{"Nano-Sig": signature, "Nano-Timeout": timeout, "Nano-Expires": expires, "Content-Type": kind} {
			if value != "" {
				h[key] = []string{value}
			}
		}
		before := executed(t)
		a := request(t, nc, "nano.1.c.bank.ada."+method, h, data)
		ran := executed(t) - before - 1
		switch a.Outcome {
		case "n":
			if ran != 0 || a.Text == "" {
				t.Fatalf("%d have run, and it is said that none has: %+v", ran, a)
			}
		case "", "c":
			if ran != 1 {
				t.Fatalf("%d have run: %+v", ran, a)
			}
		default:
			t.Fatalf("%+v", a)
		}
		if kind == "application/json" && method != "Note" && a.Outcome == "" && !json.Valid(a.data) {
			t.Fatalf("not JSON: %q", a.data)
		}
	})
}

// sendable reports whether NATS' client sends a request with those headers as they are. A
// method that waits for the test, or crashes, is none of this one's.
func sendable(method string, headers ...string) bool {
	if method != "Deposit" && method != "Note" && method != "Count" && method != "close" {
		return false
	}
	for _, h := range headers {
		if strings.TrimSpace(h) != h || strings.ContainsAny(h, "\r\n") || len(h) > 1000 {
			return false
		}
	}
	return true
}
