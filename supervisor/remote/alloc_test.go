package remote_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"
)

// What a call allocates beside what NATS does for a bare request of the same size, both ends
// taken together. It is pinned, since it is what the package adds.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := newPair(t, setup{})
	nc := raw(t, p.srv)
	fake(t, nc, "bare", func(m *nats.Msg) { _ = nc.PublishMsg(&nats.Msg{Subject: m.Reply, Data: []byte{0x81, 0x07}}) })
	bare := raw(t, p.srv)
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	request := testing.AllocsPerRun(200, func() {
		m := &nats.Msg{Subject: "nano.1.c.bare.Count", Header: nats.Header{"Nano-Sig": {"0123456789abcdef"}}, Data: []byte{0x80}}
		if _, err := bare.RequestMsgWithContext(ctx, m); err != nil {
			t.Fatal(err)
		}
	})
	call := testing.AllocsPerRun(200, func() {
		if _, _, err := p.client.Count(ctx); err != nil {
			t.Fatal(err)
		}
	})
	const most = 36 // 34, and what the runtime does meanwhile
	if call-request > most {
		t.Errorf("a call allocates %v times, %v more than a request of NATS; want %v more at most", call, call-request, most)
	}
}
