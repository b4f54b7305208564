package run

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// openStore starts a store whose first batch is that of a call that waits for the
// disk; what is called meanwhile is the second one.
func openStore(t *testing.T) (*supervisor.Supervisor, *Disk, StoreService) {
	t.Helper()
	disk := &Disk{make(chan struct{}), make(chan error)}
	store := NewStoreService(disk, actor.WithLogger(silent), actor.WithBatch(100, (*Store).Commit))
	return tree(t, supervisor.Child{Service: store}), disk, store
}

func TestBatchedIsAnsweredAfterTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, disk, store := openStore(t)
		type answer struct {
			n   int
			err error
		}
		answers := make(chan answer, 3)
		insert := func(row string) {
			n, err := store.Insert(t.Context(), row)
			answers <- answer{n, err}
		}
		go insert("a")
		<-disk.writing // the commit of the first batch
		go insert("b")
		synctest.Wait()
		go insert("c")
		synctest.Wait()
		if len(answers) > 0 {
			t.Fatalf("answered before the commit: %v", <-answers)
		}
		disk.written <- nil
		if got := <-answers; got != (answer{1, nil}) {
			t.Errorf("the first batch: %v", got)
		}
		<-disk.writing
		synctest.Wait()
		if len(answers) > 0 {
			t.Fatalf("answered before the commit: %v", <-answers)
		}
		disk.written <- nil
		got := map[answer]bool{<-answers: true, <-answers: true} // in any order
		if !got[answer{2, nil}] || !got[answer{3, nil}] {
			t.Errorf("the second batch: %v", got)
		}
		if n, err := store.Safe(t.Context()); n != 3 || err != nil {
			t.Errorf("Safe = %d, %v", n, err)
		}
		stop(t, root)
	})
}

// The error of the commit comes back to all, joined with their own.
func TestErrorOfTheCommitReachesTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, disk, store := openStore(t)
		fail := func(err error) {
			<-disk.writing
			disk.written <- err
		}
		go fail(ErrDisk)
		if n, err := store.Insert(t.Context(), "a"); n != 0 || !errors.Is(err, ErrDisk) || actor.OutcomeOf(err) != actor.Ran {
			t.Errorf("Insert = %d, %v, %v", n, err, actor.OutcomeOf(err))
		}
		go fail(ErrDisk)
		if err := store.Touch(t.Context()); !errors.Is(err, ErrDisk) {
			t.Errorf("Touch = %v", err)
		}
		go fail(ErrDisk)
		if left, known, err := store.Remove(t.Context(), "z"); left != 0 || known || !errors.Is(err, ErrSoldOut) || !errors.Is(err, ErrDisk) {
			t.Errorf("Remove = %d, %t, %v", left, known, err)
		}
		go fail(nil)
		if left, known, err := store.Remove(t.Context(), "touched"); left != 1 || !known || err != nil {
			t.Errorf("Remove = %d, %t, %v", left, known, err)
		}
		stop(t, root)
	})
}

// What there is already gets the methods.
func TestServiceOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&Stock{things: map[string]int{"pear": 5}}, actor.WithLogger(silent))
		stock := StockServiceOf(svc)
		if left, err := stock.Take(t.Context(), "pear"); left != 4 || err != nil {
			t.Errorf("Take = %d, %v", left, err)
		}
		if stock.Service() != svc {
			t.Error("it is another service")
		}
		if err := stock.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := stock.Take(t.Context(), "pear"); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Take after Stop = %v", err)
		}
		defer func() {
			if p := recover(); p != "run: StockServiceOf of a nil service" {
				t.Errorf("of a nil service: %v", p)
			}
		}()
		StockServiceOf(nil)
	})
}
