package remote_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/testdata/bank"
)

// A call that waits too long in the queue over there is not run, and its caller is told so
// before its own time is over, unless the way was longer than the slack.
func TestR4ToldInTime(t *testing.T) {
	hold := make(chan struct{})
	p := newPair(t, setup{account: func() *bank.Account {
		return &bank.Account{Seen: func(_ context.Context, e bank.Entry) error {
			if e.ID == "hold" {
				<-hold
			}
			return nil
		}}
	}})
	held := make(chan error, 1)
	go func() { _, err := p.client.Deposit(within(t, patience), "hold", 1); held <- err }()
	eventually(t, "one runs", func() bool { return p.svc.Info().Running == 1 })
	told := 0
	for d := 50 * time.Millisecond; told == 0 && d < patience; d *= 2 { // on a busy machine ways are long
		_, err := p.client.Deposit(within(t, d), "late", 1)
		switch what := actor.OutcomeOf(err); {
		case !errors.Is(err, context.DeadlineExceeded):
			t.Fatal(err)
		case what == actor.NotRun:
			told++
		case what != actor.Unknown:
			t.Fatal(err)
		}
	}
	if told == 0 {
		t.Error("none was told in time")
	}
	close(hold)
	if err := receive(t, held); err != nil {
		t.Error(err)
	}
	if _, entries, err := p.client.Count(within(t, patience)); entries != 1 || err != nil {
		t.Errorf("%d entries, %v: a call that was over has run", entries, err)
	}
}

// A deadline may be as far away as one can be. The method has 1000 hours of it.
func TestR4FarDeadlines(t *testing.T) {
	var left atomic.Int64
	p := newPair(t, setup{account: func() *bank.Account {
		return &bank.Account{Seen: func(ctx context.Context, _ bank.Entry) error {
			deadline, _ := ctx.Deadline()
			left.Store(int64(time.Until(deadline)))
			return nil
		}}
	}})
	for name, deadline := range map[string]time.Time{
		"1001 hours": time.Now().Add(1001 * time.Hour),
		"290 years":  time.Now().Add(1<<63 - 1),
		"9999":       time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
		"the end":    time.Unix(1<<60, 0),
	} {
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		_, err := p.client.Deposit(ctx, name, 1)
		cancel()
		if got := time.Duration(left.Swap(0)); err != nil || got > 1000*time.Hour || got < 999*time.Hour {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// What the way back gets of a caller's time.
func TestR4Slack(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{
		time.Hour:              50 * time.Millisecond,
		time.Second:            50 * time.Millisecond,
		100 * time.Millisecond: 10 * time.Millisecond,
		10 * time.Millisecond:  2 * time.Millisecond,
		2 * time.Millisecond:   time.Millisecond,
	} {
		if got := remote.Slack(left); got != want {
			t.Errorf("of %v: %v, want %v", left, got, want)
		}
	}
}

// Deadline, cancellation and values of the caller reach the method's context, and its time
// is over before the caller's.
func TestR4Context(t *testing.T) {
	type key struct{}
	began := make(chan context.Context, 1)
	p := newPair(t, setup{
		account: func() *bank.Account {
			return &bank.Account{Seen: func(ctx context.Context, e bank.Entry) error {
				began <- ctx
				<-ctx.Done()
				return ctx.Err()
			}}
		},
		caller: remote.Config{Inject: func(ctx context.Context, set func(k, v string)) {
			if v, ok := ctx.Value(key{}).(string); ok {
				set("Traceparent", v)
			}
		}},
		server: remote.Config{Extract: func(ctx context.Context, get func(string) string) context.Context {
			return context.WithValue(ctx, key{}, get("Traceparent"))
		}},
	})
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "a trace"), patience)
	defer cancel()
	result := make(chan error, 1)
	go func() { _, err := p.client.Deposit(ctx, "x", 1); result <- err }()
	there := receive(t, began)
	if there.Value(key{}) != "a trace" {
		t.Errorf("the method's context has %v", there.Value(key{}))
	}
	mine, _ := ctx.Deadline()
	if theirs, ok := there.Deadline(); !ok || theirs.After(mine) {
		t.Errorf("the deadline is %v, and the caller's %v", theirs, mine)
	}
	cancel()
	demand(t, receive(t, result), actor.Unknown, context.Canceled, remote.ErrNoAnswer)
	receive(t, there.Done())
	if err := context.Cause(there); err != context.Canceled {
		t.Error(err)
	}
	// A deadline that is over while the method runs ends its context; the caller gets what
	// the method returns, if that is in time.
	go func() { _, err := p.client.Deposit(within(t, 200*time.Millisecond), "y", 1); result <- err }()
	there = receive(t, began)
	receive(t, there.Done())
	err := receive(t, result)
	if what := actor.OutcomeOf(err); !errors.Is(err, context.DeadlineExceeded) || what != actor.Ran && what != actor.Unknown {
		t.Error(err)
	}
}

// A hook that sets what is not for it has nothing sent.
func TestR2Inject(t *testing.T) {
	var key, value string
	p := newPair(t, setup{caller: remote.Config{Inject: func(_ context.Context, set func(k, v string)) { set(key, value) }}})
	for _, h := range [][2]string{
		{"Nano-Sig", "x"}, {"nano-chain", "x"}, {"Status", "503"}, {"content-type", "application/json"},
		{"", "x"}, {"a b", "x"}, {"a:b", "x"}, {"A", "x\r\nNano-Sig: y"},
	} {
		key, value = h[0], h[1]
		_, err := p.client.Deposit(within(t, patience), "x", 1)
		demand(t, err, actor.NotRun)
		demand(t, p.client.Note("x"), actor.NotRun)
	}
	key, value = "Baggage", "all, that=is fine"
	if _, err := p.client.Deposit(within(t, patience), "x", 1); err != nil {
		t.Error(err)
	}
	if i := p.svc.Info(); i.Accepted != 1 {
		t.Errorf("%+v", i)
	}
}

// Span is around the call, with what it returns.
func TestSpan(t *testing.T) {
	type key struct{}
	var kinds []string
	var ended []error
	p := newPair(t, setup{caller: remote.Config{
		Span: func(ctx context.Context, kind, method string) (context.Context, func(error)) {
			kinds = append(kinds, kind+" "+method)
			return context.WithValue(ctx, key{}, "span"), func(err error) { ended = append(ended, err) }
		},
		Inject: func(ctx context.Context, set func(k, v string)) {
			if ctx.Value(key{}) != "span" {
				t.Error("the context is not the span's")
			}
		},
	}})
	_, ok := p.client.Deposit(within(t, patience), "x", 1)
	_, failed := p.client.Deposit(within(t, patience), "x", 0)
	if len(kinds) != 2 || kinds[0] != "call bank.Account/Deposit" || ended[0] != ok || ended[1] != failed || failed == nil {
		t.Error(kinds, ended)
	}
}
