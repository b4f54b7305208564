package actor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/bruskajp/nano_services/actor"
)

func TestTopicReplay(t *testing.T) {
	topic := actor.Topic[int]{Keep: 3}
	for e := range 5 {
		topic.Publish(e)
	}
	for _, row := range []struct {
		n    int
		want []int
	}{{0, []int{5}}, {1, []int{4, 5}}, {2, []int{3, 4, 5}}, {9, []int{2, 3, 4, 5}}} {
		t.Run(fmt.Sprint(row.n), func(t *testing.T) {
			topic := actor.Topic[int]{Keep: 3}
			for e := range 5 {
				topic.Publish(e)
			}
			svc := actor.Start(&listener{}, quiet(), actor.WithCapacity(2))
			defer stop(t, svc)
			var opts []actor.SubscribeOption
			if row.n > 0 {
				opts = append(opts, actor.Replay(row.n))
			}
			b := occupy(t, svc)
			subscribe(t, &topic, svc, (*listener).hear, opts...)
			published(t, &topic, 5, 1)
			b.letGo()
			heard(t, svc, row.want...)
		})
	}
	few := actor.Topic[int]{Keep: 3}
	few.Publish(1)
	svc := actor.Start(&listener{}, quiet())
	defer stop(t, svc)
	subscribe(t, &few, svc, (*listener).hear, actor.Replay(2))
	heard(t, svc, 1)
}

func TestL2TopicReplayHasNoGap(t *testing.T) {
	type event struct{ from, n int }
	topic := actor.Topic[event]{Keep: 1 << 12}
	var over atomic.Bool
	var publishers sync.WaitGroup
	var last [2]int
	for from := range 2 {
		publishers.Go(func() {
			for n := 1; !over.Load() && n < 1<<10; n++ {
				topic.Publish(event{from, n})
				last[from] = n
				runtime.Gosched()
			}
		})
	}
	var svcs []*actor.Service[map[int]int]
	for range 50 {
		svc := actor.Start(&map[int]int{}, quiet())
		subscribe(t, &topic, svc, func(next *map[int]int, e event) {
			if n := (*next)[e.from] + 1; e.n != n {
				t.Errorf("publisher %d: %d where %d was due", e.from, e.n, n)
			}
			(*next)[e.from] = e.n
		}, actor.Replay(1<<12))
		svcs = append(svcs, svc)
	}
	over.Store(true)
	publishers.Wait()
	for _, svc := range svcs {
		m, err := actor.Get(context.Background(), svc, func(m *map[int]int) [2]int { return [2]int{(*m)[0], (*m)[1]} })
		if err != nil || m != last {
			t.Errorf("got %v, %v: want %v", m, err, last)
		}
		stop(t, svc)
	}
}

func TestTopicReplayFromWithin(t *testing.T) {
	topic := actor.Topic[int]{Keep: 2}
	topic.Publish(1)
	svc := actor.Start(&listener{}, quiet())
	defer stop(t, svc)
	err := svc.Run(context.Background(), func(*listener) error {
		_, err := actor.Subscribe(&topic, svc, (*listener).hear, actor.Replay(2))
		topic.Publish(2)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	heard(t, svc, 1, 2)
}

func TestTopicFunc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := actor.Topic[int]{Keep: 1}
		topic.Publish(1)
		var got []int
		gate := make(chan struct{})
		cancel := actor.SubscribeFunc(&topic, func(e int) {
			<-gate
			got = append(got, e)
		}, actor.Replay(1), actor.WithService(quiet(), actor.WithCapacity(1)))
		synctest.Wait()
		published(t, &topic, 2, 1) // the first is at work, this one waits
		published(t, &topic, 3, 0)
		gate <- struct{}{}
		gate <- struct{}{}
		synctest.Wait()
		if !slices.Equal(got, []int{1, 2}) {
			t.Errorf("got %v", got)
		}
		published(t, &topic, 4, 1)
		synctest.Wait() // it runs
		published(t, &topic, 5, 1)
		cancel()
		published(t, &topic, 6, 0)
		close(gate)
		synctest.Wait()
		if !slices.Equal(got, []int{1, 2, 4}) {
			t.Errorf("after cancel: %v", got)
		}
		cancel()
	}) // whose end shows that no goroutine is left
}

func TestL7TopicFuncCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var topic actor.Topic[int]
		var log records
		cancel := actor.SubscribeFunc(&topic, func(int) { panic("no") }, actor.WithService(log.option()))
		published(t, &topic, 1, 1)
		synctest.Wait()
		if n := topic.Info().Subscribers; n != 0 {
			t.Errorf("%d subscribers", n)
		}
		published(t, &topic, 2, 0)
		if len(log.with("actor: service crashed")) != 1 {
			t.Error("the crash is not logged")
		}
		cancel()
	})
}

func TestTopicChan(t *testing.T) {
	topic := actor.Topic[int]{Keep: 5}
	topic.Publish(1)
	topic.Publish(2)
	events, cancel := actor.SubscribeChan(&topic, 2, actor.Replay(1))
	published(t, &topic, 3, 1)
	published(t, &topic, 4, 0)
	if i := topic.Info(); i.Refused != 1 || i.Subscribers != 1 {
		t.Errorf("Info = %+v", i)
	}
	cancel()
	cancel()
	published(t, &topic, 5, 0)
	var got []int
	for e := range events {
		got = append(got, e)
	}
	if !slices.Equal(got, []int{2, 3}) {
		t.Errorf("got %v", got)
	}
}

func TestL12TopicKeepsNothingAlive(t *testing.T) {
	topic := new(actor.Topic[int])
	down := actor.New(func(context.Context) (*listener, error) { return &listener{}, nil }, quiet())
	ctx, cancel := context.WithCancel(context.Background())
	served := serve(ctx, down)
	if _, err := actor.Get(context.Background(), down, (*listener).heard); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-served
	// It is down now, and somebody may serve it again as long as there is a handle.
	live := listen(t, topic)
	other := serveAgain(t, topic, down)
	service := weak.Make(down)
	runtime.KeepAlive(down)
	down = nil
	collected(t, "the service", func() bool { return service.Value() == nil })
	if i := topic.Info(); i.Subscribers != 1 {
		t.Errorf("%d subscribers: want 1", i.Subscribers)
	}
	_ = other
	gone := weak.Make(topic)
	topic = nil
	collected(t, "the topic", func() bool { return gone.Value() == nil })
	stop(t, live)
}

func serveAgain(t *testing.T, topic *actor.Topic[int], svc *actor.Service[listener]) int {
	ctx, cancel := context.WithCancel(context.Background())
	served := serve(ctx, svc)
	n, err := waitRunning(svc)
	if err != nil {
		t.Fatal(err)
	}
	subscribe(t, topic, svc, (*listener).hear)
	cancel()
	<-served
	return n
}

func TestTopicBadInput(t *testing.T) {
	svc := actor.Start(&listener{}, quiet())
	stop(t, svc)
	var topic actor.Topic[int]
	if cancel, err := actor.Subscribe(&topic, svc, (*listener).hear); !errors.Is(err, actor.ErrStopped) || cancel == nil {
		t.Errorf("Subscribe of a stopped service = %v", err)
	}
	full := actor.New(func(context.Context) (*listener, error) { return &listener{}, nil }, quiet(), actor.WithCapacity(1))
	do(t, full, func(*listener) {})
	if _, err := actor.Subscribe(&topic, full, (*listener).hear, actor.Replay(1)); err != actor.ErrMailboxFull {
		t.Errorf("Subscribe with a replay to a full service = %v", err)
	}
	if i := topic.Info(); i.Subscribers != 0 {
		t.Errorf("refused, and subscribed: %+v", i)
	}
	full.Kill()
	negative := actor.Topic[int]{Keep: -1}
	misuse(t, map[string]func(){
		"Subscribe with a nil function":     func() { _, _ = actor.Subscribe[listener](&topic, svc, nil) },
		"Subscribe with a nil topic":        func() { _, _ = actor.Subscribe(nil, svc, (*listener).hear) },
		"SubscribeFunc with a nil function": func() { actor.SubscribeFunc(&topic, nil) },
		"SubscribeFunc with a nil topic":    func() { actor.SubscribeFunc(nil, func(int) {}) },
		"SubscribeChan with a nil topic":    func() { actor.SubscribeChan[int](nil, 1) },
		"SubscribeChan with a size of -1":   func() { actor.SubscribeChan(&topic, -1) },
		"Publish with a nil topic":          func() { (*actor.Topic[int])(nil).Publish(1) },
		"Publish: Topic.Keep is -1":         func() { negative.Publish(1) },
		"Subscribe: Topic.Keep is -1":       func() { _, _ = actor.Subscribe(&negative, svc, (*listener).hear) },
		"Replay(0)":                         func() { actor.Replay(0) },
		"nil option":                        func() { _, _ = actor.Subscribe(&topic, svc, (*listener).hear, nil) },
		"WithService is for SubscribeFunc":  func() { actor.SubscribeChan(&topic, 1, actor.WithService(quiet())) },
		"NewView of a nil function":         func() { actor.NewView[listener, int](svc, nil) },
		"NewBurstView of a nil function":    func() { actor.NewBurstView[listener, int](svc, nil) },
		"a Service is made by Start or New": func() { actor.NewView(new(actor.Service[plain]), numberOf) },
	})
}

// What is published while somebody subscribes is behind the replay, or a part of it.
func TestL2TopicReplayComesFirst(t *testing.T) {
	topic := actor.Topic[int]{Keep: 5}
	topic.Publish(1)
	var dropped atomic.Int64
	hook := func(actor.DeadLetter) {
		if dropped.Add(1) == 1 { // while the replay is queued
			topic.Publish(2)
		}
	}
	l := &listener{}
	svc := actor.Start(l, quiet(), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest), actor.WithDeadLetters(hook))
	b := occupy(t, svc)
	do(t, svc, func(*listener) {}) // for which the replay has no room
	subscribe(t, &topic, svc, (*listener).hear, actor.Replay(5))
	b.letGo()
	stop(t, svc)
	if !slices.Equal(l.events, []int{1, 2}) {
		t.Errorf("the subscriber got %v: want 1 and 2", l.events)
	}
}

// What a service subscribes to itself ends with its incarnation: the next one does it
// again, and gets each event once.
func TestL8TopicOfAnIncarnation(t *testing.T) {
	var topic actor.Topic[int]
	var dead letters
	svc := actor.New(func(ctx context.Context) (*listener, error) {
		_, err := actor.Subscribe(&topic, actor.Self[listener](ctx), (*listener).hear)
		return &listener{}, err
	}, quiet(), dead.option())
	ctx := supervised(context.Background())
	served := serve(ctx, svc)
	heard(t, svc)
	for i := range 3 {
		published(t, &topic, i, 1)
		heard(t, svc, i)
		b := occupy(t, svc)
		do(t, svc, func(*listener) { panic("again") })
		published(t, &topic, 100+i, 1)
		b.letGo()
		<-served
		published(t, &topic, -1, 0)
		served = serve(ctx, svc)
		heard(t, svc)
	}
	if all := dead.list(); len(all) != 3 || !errors.Is(all[0].Reason, actor.ErrRestarted) || !strings.Contains(all[0].Func, "hear") {
		t.Errorf("dead letters: %+v", all)
	}
	if i := topic.Info(); i.Subscribers != 1 {
		t.Errorf("Info = %+v", i)
	}
	stop(t, svc)
	<-served
	balanced(t, svc.Info())
}
