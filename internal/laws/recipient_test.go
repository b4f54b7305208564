package laws_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// inbox is a T that keeps what it is sent.
type inbox struct{ got []int }

func (b *inbox) take(n int)   { b.got = append(b.got, n) }
func (b *inbox) taken() []int { return slices.Clone(b.got) }

func newRecipient[T, E any](t testing.TB, svc actor.Ref[T], f func(*T, E)) *actor.Recipient[E] {
	t.Helper()
	r, err := actor.NewRecipient(svc, f)
	if err != nil {
		t.Fatalf("NewRecipient = %v", err)
	}
	return r
}

// took demands what an inbox has got.
func took(t testing.TB, svc *actor.Service[inbox], want ...int) {
	t.Helper()
	got, err := actor.Get(context.Background(), svc, (*inbox).taken)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the service took %v, %v: want %v", got, err, want)
	}
}

func TestRecipientSends(t *testing.T) {
	var dead actortest.Letters
	svc := actor.Start(&inbox{}, actortest.Quiet(), actor.WithCapacity(2), dead.Option())
	r := newRecipient(t, svc, (*inbox).take)
	b := actortest.Occupy(t, svc)
	for n, want := range []error{nil, nil, actor.ErrMailboxFull} {
		if err := r.Send(n); err != want {
			t.Errorf("Send(%d) = %v: want %v", n, err, want)
		}
	}
	b.LetGo()
	took(t, svc, 0, 1)
	if all := dead.List(); len(all) != 1 || !all[0].Refused || !strings.HasSuffix(all[0].Func, "inbox).take") {
		t.Errorf("the hook got %+v", all)
	}
	if i := svc.Info(); i.Refused != 1 {
		t.Errorf("Info = %+v", i)
	}
	if r.Ended() {
		t.Error("it has ended")
	}
	actortest.Stop(t, svc)
	if err := r.Send(3); err != actor.ErrStopped || !r.Ended() {
		t.Errorf("after Stop: %v, ended: %t", err, r.Ended())
	}
	if _, err := actor.NewRecipient(svc, (*inbox).take); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("NewRecipient of a stopped service = %v", err)
	}
	if i := svc.Info(); i.Refused != 1 { // what has stopped says so, and no more
		t.Errorf("Info = %+v", i)
	}
	actortest.Balanced(t, svc.Info())
}

// What is queued when a Recipient is closed is skipped, also if it leaves the queue
// without its turn.
func TestRecipientClose(t *testing.T) {
	var dead actortest.Letters
	svc := actor.Start(&inbox{}, actortest.Quiet(), dead.Option())
	r, other := newRecipient(t, svc, (*inbox).take), newRecipient(t, svc, (*inbox).take)
	b := actortest.Occupy(t, svc)
	_, _ = r.Send(1), other.Send(2)
	r.Close()
	r.Close()
	if err := r.Send(3); err != actor.ErrStopped || !r.Ended() {
		t.Errorf("after Close: %v, ended: %t", err, r.Ended())
	}
	b.LetGo()
	took(t, svc, 2)
	b = actortest.Occupy(t, svc)
	_ = other.Send(4)
	other.Close()
	svc.Kill()
	b.LetGo()
	<-svc.Done()
	if i := svc.Info(); i.Skipped != 2 || len(dead.List()) != 0 {
		t.Errorf("Info = %+v, dead letters %v", i, dead.List())
	}
	actortest.Balanced(t, svc.Info())
}

// One that a service makes itself ends with the incarnation; one that was made outside
// goes on.
func TestL8RecipientOfAnIncarnation(t *testing.T) {
	var dead actortest.Letters
	var own *actor.Recipient[int]
	svc := actor.New(func(ctx context.Context) (_ *inbox, err error) {
		own, err = actor.NewRecipient(actor.Self[inbox](ctx), (*inbox).take)
		return &inbox{}, err
	}, actortest.Quiet(), dead.Option())
	outside := newRecipient(t, svc, (*inbox).take)
	ctx := actortest.Supervised(context.Background())
	served := actortest.Serve(ctx, svc)
	took(t, svc)
	first := own
	b := actortest.Occupy(t, svc)
	actortest.Do(t, svc, func(*inbox) { panic("again") })
	if first.Send(1) != nil || outside.Send(2) != nil {
		t.Error("refused")
	}
	b.LetGo()
	<-served
	if err := first.Send(3); err != actor.ErrStopped || !first.Ended() || outside.Ended() {
		t.Errorf("Send = %v, ended: %t and %t", err, first.Ended(), outside.Ended())
	}
	served = actortest.Serve(ctx, svc)
	took(t, svc, 2)
	if all := dead.List(); len(all) != 1 || !errors.Is(all[0].Reason, actor.ErrRestarted) {
		t.Errorf("dead letters: %+v", all)
	}
	first.Close() // is over, and does not matter to the second
	if own == first || own.Send(4) != nil {
		t.Error("the second incarnation has none of its own")
	}
	took(t, svc, 2, 4)
	own.Close()
	actortest.Stop(t, svc)
	<-served
	actortest.Balanced(t, svc.Info())
}

// A service that is down may be served again, and gets what is sent then.
func TestRecipientOfWhatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*inbox, error) { return &inbox{}, nil }, actortest.Quiet())
		r := newRecipient(t, svc, (*inbox).take)
		ctx, cancel := context.WithCancel(context.Background())
		served := actortest.Serve(ctx, svc)
		took(t, svc)
		cancel()
		<-served
		if err := r.Send(1); err != actor.ErrStopped || r.Ended() {
			t.Errorf("Send = %v, ended: %t", err, r.Ended())
		}
		served = actortest.Serve(context.Background(), svc)
		synctest.Wait()
		if err := r.Send(2); err != nil {
			t.Errorf("Send = %v", err)
		}
		took(t, svc, 2)
		actortest.Stop(t, svc)
		<-served
	})
}

func TestL12RecipientKeepsNothingAlive(t *testing.T) {
	svc := actor.New(func(context.Context) (*inbox, error) { return &inbox{}, nil }, actortest.Quiet())
	r := newRecipient(t, svc, (*inbox).take)
	service := weak.Make(svc)
	svc.Kill()
	svc = nil
	actortest.Collected(t, "the service", func() bool { return service.Value() == nil })
	if err := r.Send(1); err != actor.ErrStopped || !r.Ended() {
		t.Errorf("Send = %v, ended: %t", err, r.Ended())
	}
	r.Close()
	runtime.KeepAlive(r)
}

// A value that has had its turn is not kept by what carried it.
func TestL12RecipientLetsGoOfWhatWasSent(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	r := newRecipient(t, svc, func(*actortest.Plain, *[1 << 10]byte) {})
	sent := new([1 << 10]byte)
	value := weak.Make(sent)
	if err := r.Send(sent); err != nil {
		t.Fatal(err)
	}
	sent = nil
	waitIdle(svc)
	actortest.Collected(t, "the value", func() bool { return value.Value() == nil })
	runtime.KeepAlive(r)
}

// What was sent, and sends on, reuses what carries it.
func TestRecipientAllocations(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	done := make(chan struct{}, 1)
	r := newRecipient(t, svc, func(p *actortest.Plain, n [4]int) {
		if p.N += n[0]; p.N%8 == 0 {
			done <- struct{}{}
		}
	})
	round := func() {
		for range 8 {
			if err := r.Send([4]int{1}); err != nil {
				t.Error(err)
			}
		}
		<-done
	}
	round()
	round()
	if got := testing.AllocsPerRun(100, round); got != 0 {
		t.Errorf("8 values take %v allocations: want none", got)
	}
}

// What takes a value on its way is used for the next one while the hook is told of the last.
func TestL12RecipientDropped(t *testing.T) {
	const senders, each = 4, 500
	var all actortest.Letters
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), all.Option(), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest))
	b := actortest.Occupy(t, svc)
	r, err := actor.NewRecipient(svc, func(*actortest.Plain, int) {})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for n := range each {
				if err := r.Send(n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	b.LetGo()
	actortest.Stop(t, svc)
	if n := len(all.List()); n != senders*each-1 {
		t.Errorf("%d dead letters", n)
	}
}

func TestRecipientBadInput(t *testing.T) {
	svc := actor.Start(&inbox{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	actortest.Misuse(t, "actor", map[string]func(){
		"NewRecipient of a nil function":    func() { _, _ = actor.NewRecipient[inbox, int](svc, nil) },
		"a Service is made by Start or New": func() { _, _ = actor.NewRecipient(new(actor.Service[inbox]), (*inbox).take) },
		"a Recipient is made by":            func() { _ = (*actor.Recipient[int])(nil).Send(1) },
		"is made by NewRecipient":           func() { new(actor.Recipient[int]).Close() },
		"made by NewRecipient":              func() { new(actor.Recipient[int]).Ended() },
	})
}
