package actor_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// password hides itself.
type password string

func (password) LogValue() slog.Value { return slog.StringValue("(hidden)") }

type address struct {
	Street string
	next   *address
}

// customer is a T of many kinds of fields.
type customer struct {
	Name    string
	age     int
	balance float64
	vip     bool
	since   time.Time
	timeout time.Duration
	secret  password
	more    []password
	byKind  map[string]password
	home    *address
	key     []byte
	any     any

	mu     sync.Mutex
	count  atomic.Int64
	stop   chan struct{}
	f      func()
	peer   plainService
	shared *struct {
		sync.Mutex
		n int
	}
}

func newCustomer() *customer {
	c := &customer{
		Name: "Ada", age: 36, balance: 1.5, vip: true, since: time.Unix(0, 0).UTC(), timeout: time.Second,
		secret: "s3cret", more: []password{"s3cret"}, byKind: map[string]password{"pin": "s3cret"},
		home: &address{Street: "Main St"}, key: []byte("s3cret"), any: password("s3cret"),
		stop: make(chan struct{}), f: func() {},
	}
	c.home.next = c.home
	c.mu.Lock()
	c.count.Add(1)
	c.mu.Unlock()
	c.peer = nil
	c.shared = &struct {
		sync.Mutex
		n int
	}{n: 1}
	return c
}

// text shows a value as a log would.
func text(v slog.Value) string {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

// What is shown is the value's fields, the secret ones as their types say, and nothing of
// what others may be using.
func TestShowRedacts(t *testing.T) {
	svc := actor.Start(newCustomer(), quiet())
	v, err := svc.Show(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := text(v)
	for _, want := range []string{
		"v.Name=Ada", "v.age=36", "v.balance=1.5", "v.vip=true", "v.since=1970-01-01", "v.timeout=1s", "v.secret=(hidden)",
		"v.more.0=(hidden)", "v.byKind.pin=(hidden)", `v.home.Street="Main St"`, `v.key="6 bytes"`, "v.any=(hidden)",
		"v.mu=(sync.Mutex)", "v.count=(atomic.Int64)", `v.stop="(chan struct {})"`, "v.f=(func())", "v.peer=", "v.shared=",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "s3cret") {
		t.Errorf("a secret in %s", got)
	}
	stop(t, svc)
}

// account decides by itself what may be seen of it.
type account struct {
	owner   string
	numbers []int
}

// hooks are what LogValue of an account does, which the copy has no pointer to.
var hooks sync.Map

func (a *account) LogValue() slog.Value {
	if f, ok := hooks.Load(a.owner); ok {
		return f.(func(*account) slog.Value)(a)
	}
	return slog.GroupValue(slog.String("owner", "x"+a.owner), slog.Int("numbers", len(a.numbers)))
}

// LogValue is called on a copy: what it does, the service does not notice.
func TestShowCannotHarmTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&account{owner: t.Name(), numbers: []int{1, 2, 3}}, quiet())
		show := func(f func(*account) slog.Value) (string, error) {
			if f != nil {
				hooks.Store(t.Name(), f)
			}
			defer hooks.Delete(t.Name())
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			v, err := svc.Show(ctx)
			return text(v), err
		}
		if got, err := show(nil); err != nil || !strings.Contains(got, "v.owner=xTestShowCannotHarmTheService v.numbers=3") {
			t.Errorf("%s, %v", got, err)
		}
		if _, err := show(func(*account) slog.Value { panic("shy") }); err == nil || !strings.Contains(err.Error(), "shy") {
			t.Errorf("a panic: %v", err)
		}
		if _, err := show(func(*account) slog.Value { runtime.Goexit(); return slog.Value{} }); err == nil {
			t.Error("Goexit: no error")
		}
		if _, err := show(func(a *account) slog.Value { a.owner, a.numbers[0] = "thief", 100; return slog.Value{} }); err != nil {
			t.Errorf("a change: %v", err)
		}
		free := make(chan struct{})
		if _, err := show(func(*account) slog.Value { <-free; return slog.Value{} }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a hang: %v", err)
		}
		got, err := actor.Get(ctx, svc, func(a *account) int { return a.numbers[0] })
		if i := svc.Info(); got != 1 || err != nil || i.Incarnation != 1 || i.State != actor.Running {
			t.Errorf("the service: %d, %v, %+v", got, err, i)
		}
		close(free)
		stop(t, svc)
	})
}

// tree is a T that is large, and holds itself.
type tree struct {
	self     *tree
	branches []tree
	byName   map[string]*tree
	numbers  []int
}

// What is copied is bounded, and cycles end.
func TestShowIsBounded(t *testing.T) {
	root := &tree{byName: map[string]*tree{}}
	root.self = root
	root.byName["root"] = root
	root.branches = make([]tree, 100_000)
	root.numbers = make([]int, 1_000_000)
	svc := actor.Start(root, quiet())
	v, err := svc.Show(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := text(v); len(got) > 1<<20 || !strings.Contains(got, "more=") {
		t.Errorf("%d bytes", len(got))
	}
	stop(t, svc)
}

// While the service goes on changing its value, what was shown stays what it was: under
// the race detector this shows that the copy shares nothing with it.
func TestShowIsACopy(t *testing.T) {
	type ledger struct {
		lines map[int][]int
		last  *address
	}
	svc := actor.Start(&ledger{lines: map[int][]int{}, last: &address{}}, quiet())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 2000 {
			do(t, svc, func(l *ledger) {
				l.lines[i%10] = append(l.lines[i%10], i)
				l.lines[0][0] = i
				l.last.Street = "x"
			})
		}
	}()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		if _, err := svc.Show(context.Background()); err != nil {
			t.Error(err)
		}
	}
	stop(t, svc)
}
