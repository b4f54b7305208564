package shop_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote"
	"github.com/bruskajp/nano_services/supervisor/remote/embedded"
	"github.com/bruskajp/nano_services/supervisor/remote/internal/shop"
	"github.com/bruskajp/nano_services/supervisor/remote/internal/shop/api"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var silent = slog.New(slog.DiscardHandler)

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// serve starts a shop, or a pool of them, under "shop", and returns a client on another node.
func serve(t *testing.T, svc supervisor.Service, ref actor.Ref[shop.Shop]) api.ShopClient {
	t.Helper()
	srv := embedded.New(embedded.Config{Logger: silent})
	server := remote.New(srv.Dial(), remote.Config{Logger: silent})
	caller := remote.New(srv.Dial(), remote.Config{Logger: silent})
	// The caller's tree is another one: a shop that is restarted does not end it.
	start(t, supervisor.Child{Name: "nats", Service: srv}, supervisor.Child{Name: "caller", Service: caller})
	start(t, supervisor.Child{Name: "shop", Service: svc}, supervisor.Child{Name: "server", Service: server},
		supervisor.Child{Name: "binding", Service: shop.BindShop(server, "shop", ref)})
	return api.NewShopClient(caller, "shop")
}

func start(t *testing.T, children ...supervisor.Child) {
	t.Helper()
	tree := supervisor.New("test", supervisor.Spec{Strategy: supervisor.RestForOne, Logger: silent, Children: children})
	if err := tree.Start(within(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Stop(within(t)); err != nil {
			t.Error(err)
		}
	})
}

func one(t *testing.T, opts ...actor.Option) api.ShopClient {
	svc := shop.NewShopService(append(opts, actor.WithLogger(silent))...)
	return serve(t, svc, svc)
}

// everything returns a value with something in each field.
func everything() api.Everything {
	text := "pointed at"
	leaf := &api.Tree{Name: "leaf"}
	return api.Everything{
		Bool: true, Int8: math.MinInt8, Int64: math.MinInt64, Uint64: math.MaxUint64, Float: math.Inf(-1), Float32: 0.1,
		Text: "no \xff UTF-8, and \x00", Bytes: []byte{0, 255}, Fixed: [4]byte{1, 2, 3, 4}, Color: 7, Colors: []api.Color{0, 1},
		Due: time.Date(2026, 11, 29, 18, 0, 0, 123456789, time.UTC), Took: -time.Nanosecond,
		Link: url.URL{Scheme: "https", Host: "example.com", Path: "/a b", RawQuery: "c=d"}, Addr: netip.MustParseAddr("::1"),
		Big: new(big.Int).Lsh(big.NewInt(1), 200), Ptr: &text, Tree: api.Tree{Name: "root", Left: leaf, Right: leaf},
		List: []api.Tree{{}, {Name: "x"}}, Named: map[string][]int16{"": {}, "a": {-1, 2}, "nil": nil},
		Numbers: map[int32]*api.Tree{-5: leaf, 0: nil}, Renamed: "renamed",
		Pair: api.Pair[int, []string]{First: 1, Second: []string{"two"}},
	}.WithBase("of the base")
}

// What a method is given and returns arrives as it was, whatever kind of type it has.
func TestEachKindArrivesEqual(t *testing.T) {
	client := one(t)
	for name, want := range map[string]api.Everything{"zero": {}, "full": everything()} {
		got, err := client.Echo(within(t), want)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		v, w := reflect.ValueOf(got), reflect.ValueOf(want)
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !reflect.DeepEqual(v.Field(i).Interface(), w.Field(i).Interface()) {
				t.Errorf("%s: %s is %#v, and was %#v", name, field.Name, v.Field(i), w.Field(i))
			}
		}
		if got.Embedded != want.Embedded {
			t.Errorf("%s: what is embedded is %q, and was %q", name, got.Embedded, want.Embedded)
		}
	}
	if v, err := client.Echo(within(t), api.Everything{Float: math.NaN()}); err != nil || !math.IsNaN(v.Float) {
		t.Errorf("NaN came back as %v, %v", v.Float, err)
	}
}

// Each shape of a method, with the other process's interface.
func TestShapes(t *testing.T) {
	var client api.ShopRemoteCalls = one(t)
	ctx := within(t)
	if both, n, err := client.Several(ctx, "ab", "c"); both != "abc" || n != 3 || err != nil {
		t.Error(both, n, err)
	}
	for want, numbers := range map[int][]int{0: nil, 6: {1, 2, 3}} {
		if sum, err := client.Sum(ctx, numbers...); sum != want || err != nil {
			t.Errorf("the sum of %v is %d, %v", numbers, sum, err)
		}
	}
	// Events and calls of one goroutine arrive in their order.
	for _, err := range []error{client.Note("a"), client.NoteContext(ctx, "b", "c"), client.NoteContext(ctx), client.Note("d")} {
		if err != nil {
			t.Error(err)
		}
	}
	if noted, err := client.Noted(ctx); strings.Join(noted, "") != "abcd" || err != nil {
		t.Error(noted, err)
	}
	if err := client.Forget(ctx); err != nil {
		t.Error(err)
	}
	if noted, err := client.Noted(ctx); len(noted) != 0 || err != nil {
		t.Error(noted, err)
	}
	if got, err := client.Ticket(ctx, api.NewTicket("ann", 5)); got != api.NewTicket("ann", 0) || err != nil {
		t.Error(got, err)
	}
}

// Errors keep their identity as far as the client's package knows them, and results come beside
// them.
func TestErrors(t *testing.T) {
	client := one(t)
	ctx := within(t)
	buy := func(how string) error {
		t.Helper()
		got, err := client.Buy(ctx, how)
		if got != how || err == nil || actor.OutcomeOf(err) != actor.Ran {
			t.Errorf("%s: %q, %v, %v", how, got, err, actor.OutcomeOf(err))
		}
		return err
	}
	if err := buy("sold out"); !errors.Is(err, api.ErrSoldOut) {
		t.Errorf("%v is not ErrSoldOut", err)
	}
	if limit, ok := errors.AsType[*api.LimitError](buy("limit")); !ok || *limit != (api.LimitError{Asked: 7, Limit: 5}) {
		t.Errorf("the limit is %v", limit)
	}
	if _, ok := errors.AsType[api.DayError](buy("day")); !ok {
		t.Error("a DayError was not found")
	}
	if _, ok := errors.AsType[*api.DayError](buy("day by pointer")); !ok {
		t.Error("a *DayError was not found")
	}
	if err := buy("closed"); errors.Is(err, shop.ErrClosed) || !strings.Contains(err.Error(), shop.ErrClosed.Error()) {
		t.Errorf("the client knows the error of a package that it does not import: %v", err)
	}
}

// A crash is told with the method, and with the line of the generated closure.
func TestCrashNamesTheMethod(t *testing.T) {
	_, err := one(t).Buy(within(t), "crash")
	p, ok := errors.AsType[*actor.PanicError](err)
	if !ok || actor.OutcomeOf(err) != actor.Crashed {
		t.Fatalf("%v is no crash", err)
	}
	if !strings.Contains(p.Func, "bindShop.Buy") || !strings.HasSuffix(p.File, "shop_remote.go") || p.Line == 0 {
		t.Errorf("the closure is %s at %s:%d", p.Func, p.File, p.Line)
	}
}

// An argument that cannot be sent, or not be read, was not run.
func TestArgumentsThatDoNotCross(t *testing.T) {
	client := one(t)
	_, err := client.Echo(within(t), api.Everything{Color: -1})
	if actor.OutcomeOf(err) != actor.NotRun || !strings.Contains(err.Error(), "no such color") {
		t.Errorf("a color that cannot be sent: %v, %v", err, actor.OutcomeOf(err))
	}
}

// A batched method is answered when its batch has been committed, and not run by a service
// without batches.
func TestBatched(t *testing.T) {
	client := one(t, actor.WithBatch(10, (*shop.Shop).Commit))
	for want := range 3 {
		if kept, err := client.Save(within(t), 1); kept != want || err != nil {
			t.Errorf("after %d: %d, %v", want, kept, err)
		}
	}
	_, err := one(t).Save(within(t), 1)
	if actor.OutcomeOf(err) != actor.NotRun || !strings.Contains(err.Error(), "made without WithBatch") {
		t.Errorf("without batches: %v, %v", actor.OutcomeOf(err), err)
	}
}

// A binding serves a pool as well.
func TestPool(t *testing.T) {
	shops := shop.NewShopPool(3, actor.WithLogger(silent))
	client := serve(t, shops, shops)
	if sum, err := client.Sum(within(t), 1, 2); sum != 3 || err != nil {
		t.Error(sum, err)
	}
}

// The service and the client have the same interface; the service has what is local, too.
var _ api.ShopRemoteCalls = shop.ShopService{}
