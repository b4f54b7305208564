package run

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// open starts a stock and a shop; the stock can call the shop back.
func open(t *testing.T) (*supervisor.Supervisor, StockService, ShopService) {
	t.Helper()
	var shop ShopService
	stock := NewStockService(func() ShopService { return shop }, map[string]int{"apple": 3, "bomb": 1}, actor.WithLogger(silent))
	shop = NewShopService(stock, actor.WithLogger(silent))
	return tree(t, supervisor.Child{Service: stock}, supervisor.Child{Service: shop}), stock, shop
}

func TestServiceStandsForItsStruct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, stock, shop := open(t)
		direct, err := NewShop(stock)
		if err != nil {
			t.Fatal(err)
		}
		for i, buyer := range []Buyer{shop, direct} {
			if left, err := buyer.Buy(t.Context(), "apple"); left != 2-i || err != nil {
				t.Errorf("%T: Buy = %d, %v; want %d", buyer, left, err, 2-i)
			}
		}
		stop(t, root)
	})
}

func TestErrorsReachTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, _, shop := open(t)
		ctx := context.WithValue(t.Context(), keyOfCustomer{}, "Ann")
		_, err := shop.Buy(ctx, "pear")
		if !errors.Is(err, ErrSoldOut) || !strings.Contains(err.Error(), "pear for Ann") || actor.OutcomeOf(err) != actor.Ran {
			t.Errorf("Buy = %v, %v; its context has to have the caller's values", err, actor.OutcomeOf(err))
		}
		stop(t, root)
	})
}

func TestPanicReachesTheCallerAndTheServiceIsRestarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, stock, shop := open(t)
		if left, err := shop.Buy(t.Context(), "apple"); left != 2 || err != nil {
			t.Errorf("Buy = %d, %v", left, err)
		}
		_, err := stock.Take(t.Context(), "bomb")
		p, ok := errors.AsType[*actor.PanicError](err)
		if !ok || actor.OutcomeOf(err) != actor.Crashed || !errors.Is(err, ErrSoldOut) {
			t.Fatalf("Take = %v", err)
		}
		if p.Service != "root/Stock" || !strings.Contains(p.Func, "StockService.Take") {
			t.Errorf("panic in %q, in %q", p.Service, p.Func)
		}
		// The shop has the same service of the stock, which is a new Stock.
		if left, err := shop.Buy(t.Context(), "apple"); left != 2 || err != nil {
			t.Errorf("Buy after the restart = %d, %v; want 2, as at the beginning", left, err)
		}
		stop(t, root)
	})
}

func TestContextHasIdentityAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, stock, shop := open(t)
		// shop waits for stock, which calls shop back: found by the context's identity.
		_, err := shop.Buy(t.Context(), "boomerang")
		if _, ok := errors.AsType[*actor.DeadlockError](err); !ok {
			t.Errorf("Buy = %v, want a deadlock", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		if err := stock.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait = %v", err)
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("Wait took %v", took)
		}
		// What is told does not have the sender's deadline.
		if err := stock.Restock(ctx, "apple", 9); err == nil {
			t.Log("accepted although the context had ended: there was room")
		}
		if n, known, err := stock.Count(t.Context(), "deadlines"); n != 0 || !known || err != nil {
			t.Errorf("Count = %d, %t, %v", n, known, err)
		}
		if n, known, err := stock.Count(t.Context(), "apple"); n != 9 || !known || err != nil {
			t.Errorf("Count = %d, %t, %v", n, known, err)
		}
		stop(t, root)
	})
}

func TestFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, stock, _ := open(t)
		apples, pears := stock.Later("apple"), stock.Later("pear")
		if all, err := apples.Await(t.Context()); all != (StockLaterResults{3, "apple"}) || err != nil {
			t.Errorf("%v, %v", all, err)
		}
		if all, err := pears.Await(t.Context()); all.Name != "pear" || !errors.Is(err, ErrSoldOut) {
			t.Errorf("%v, %v", all, err)
		}
		stop(t, root)
	})
}

// A service is a child by itself: it is up when the constructor has returned, has a
// name, and can be stopped for good, terminated and restarted. It stands in a tree
// once.
func TestServiceIsAChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, stock, shop := open(t)
		children := root.Children()
		if len(children) != 2 || children[0].Path != "root/Stock" || children[0].State != supervisor.Up {
			t.Errorf("%+v", children)
		}
		if name := stock.Service().Name(); name != "root/Stock" {
			t.Errorf("the service is called %q", name)
		}
		if err := root.Add(t.Context(), supervisor.Child{Name: "again", Service: shop}); err == nil {
			t.Error("the same service stands in the tree twice")
		}
		if err := root.Terminate(t.Context(), "Shop"); err != nil {
			t.Error(err)
		}
		if _, err := shop.Buy(t.Context(), "apple"); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Buy of what was terminated = %v", err)
		}
		if err := root.Restart(t.Context(), "Shop"); err != nil {
			t.Error(err)
		}
		if left, err := shop.Buy(t.Context(), "apple"); left != 2 || err != nil {
			t.Errorf("Buy = %d, %v", left, err)
		}
		if err := shop.Service().Stop(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if state := root.Children()[1].State; state == supervisor.Up {
			t.Errorf("what was stopped for good is %v", state)
		}
		stop(t, root)
	})
}

// A closure of one's own can be run beside the methods.
func TestServiceIsAReference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, stock, _ := open(t)
		n, err := actor.Get(t.Context(), stock, func(s *Stock) int { return len(s.things) })
		if n != 2 || err != nil {
			t.Errorf("Get = %d, %v", n, err)
		}
		stop(t, root)
	})
}
