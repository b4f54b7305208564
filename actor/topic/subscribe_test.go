package topic_test

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
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
)

func TestTopicReplay(t *testing.T) {
	news := topic.Topic[int]{Keep: 3}
	for e := range 5 {
		news.Publish(e)
	}
	for _, row := range []struct {
		n    int
		want []int
	}{{0, []int{5}}, {1, []int{4, 5}}, {2, []int{3, 4, 5}}, {9, []int{2, 3, 4, 5}}} {
		t.Run(fmt.Sprint(row.n), func(t *testing.T) {
			news := topic.Topic[int]{Keep: 3}
			for e := range 5 {
				news.Publish(e)
			}
			svc := actor.Start(&listener{}, actortest.Quiet(), actor.WithCapacity(2))
			defer actortest.Stop(t, svc)
			var opts []topic.Option
			if row.n > 0 {
				opts = append(opts, topic.Replay(row.n))
			}
			b := actortest.Occupy(t, svc)
			subscribe(t, &news, svc, (*listener).hear, opts...)
			published(t, &news, 5, 1)
			b.LetGo()
			heard(t, svc, row.want...)
		})
	}
	few := topic.Topic[int]{Keep: 3}
	few.Publish(1)
	svc := actor.Start(&listener{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	subscribe(t, &few, svc, (*listener).hear, topic.Replay(2))
	heard(t, svc, 1)
}

func TestL2TopicReplayHasNoGap(t *testing.T) {
	type event struct{ from, n int }
	news := topic.Topic[event]{Keep: 1 << 12}
	var over atomic.Bool
	var publishers sync.WaitGroup
	var last [2]int
	for from := range 2 {
		publishers.Go(func() {
			for n := 1; !over.Load() && n < 1<<10; n++ {
				news.Publish(event{from, n})
				last[from] = n
				runtime.Gosched()
			}
		})
	}
	var svcs []*actor.Service[map[int]int]
	for range 50 {
		svc := actor.Start(&map[int]int{}, actortest.Quiet())
		subscribe(t, &news, svc, func(next *map[int]int, e event) {
			if n := (*next)[e.from] + 1; e.n != n {
				t.Errorf("publisher %d: %d where %d was due", e.from, e.n, n)
			}
			(*next)[e.from] = e.n
		}, topic.Replay(1<<12))
		svcs = append(svcs, svc)
	}
	over.Store(true)
	publishers.Wait()
	for _, svc := range svcs {
		m, err := actor.Get(context.Background(), svc, func(m *map[int]int) [2]int { return [2]int{(*m)[0], (*m)[1]} })
		if err != nil || m != last {
			t.Errorf("got %v, %v: want %v", m, err, last)
		}
		actortest.Stop(t, svc)
	}
}

func TestTopicReplayFromWithin(t *testing.T) {
	news := topic.Topic[int]{Keep: 2}
	news.Publish(1)
	svc := actor.Start(&listener{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	err := svc.Run(context.Background(), func(*listener) error {
		_, err := topic.Subscribe(&news, svc, (*listener).hear, topic.Replay(2))
		news.Publish(2)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	heard(t, svc, 1, 2)
}

// A function that belongs to no service gets one of its own.
func function[E any](t *testing.T, news *topic.Topic[E], f func(E), made []actor.Option, opts ...topic.Option) (cancel func()) {
	t.Helper()
	svc := actor.Start(&actortest.Plain{}, made...)
	leave := subscribe(t, news, svc, func(_ *actortest.Plain, e E) { f(e) }, opts...)
	return func() {
		leave()
		go func() { _ = svc.Stop(context.Background()) }() // which waits for f
	}
}

func TestTopicFunc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		news := topic.Topic[int]{Keep: 1}
		news.Publish(1)
		var got []int
		gate := make(chan struct{})
		cancel := function(t, &news, func(e int) {
			<-gate
			got = append(got, e)
		}, []actor.Option{actortest.Quiet(), actor.WithCapacity(1)}, topic.Replay(1))
		synctest.Wait()
		published(t, &news, 2, 1) // the first is at work, this one waits
		published(t, &news, 3, 0)
		gate <- struct{}{}
		gate <- struct{}{}
		synctest.Wait()
		if !slices.Equal(got, []int{1, 2}) {
			t.Errorf("got %v", got)
		}
		published(t, &news, 4, 1)
		synctest.Wait() // it runs
		published(t, &news, 5, 1)
		cancel()
		published(t, &news, 6, 0)
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
		var news topic.Topic[int]
		var log actortest.Records
		cancel := function(t, &news, func(int) { panic("no") }, []actor.Option{log.Option()})
		published(t, &news, 1, 1)
		synctest.Wait()
		if n := news.Info().Subscribers; n != 0 {
			t.Errorf("%d subscribers", n)
		}
		published(t, &news, 2, 0)
		if len(log.With("actor: service crashed")) != 1 {
			t.Error("the crash is not logged")
		}
		cancel()
	})
}

// A crash in a replay is that of the subscriber's function, and so is what becomes of a
// replay that does not run.
func TestL7TopicReplayNamesTheFunction(t *testing.T) {
	news := topic.Topic[int]{Keep: 2}
	news.Publish(1)
	bad := actor.Start(&listener{}, actortest.Quiet())
	subscribe(t, &news, bad, (*listener).crash, topic.Replay(2))
	<-bad.Done()
	var crash *actor.PanicError
	if err := bad.Err(); !errors.As(err, &crash) || !strings.HasSuffix(crash.Func, "listener).crash") {
		t.Errorf("Err = %v", err)
	}
	var dead actortest.Letters
	killed := actor.New(func(context.Context) (*listener, error) { return &listener{}, nil }, dead.Option(), actortest.Quiet())
	subscribe(t, &news, killed, (*listener).hear, topic.Replay(2))
	killed.Kill()
	if all := dead.List(); len(all) != 1 || !strings.HasSuffix(all[0].Func, "listener).hear") {
		t.Errorf("dead letters: %+v", all)
	}
}

// A replay that is cancelled before its turn, or while it runs, goes no further.
func TestTopicReplayIsCancelled(t *testing.T) {
	news := topic.Topic[int]{Keep: 3}
	for e := range 3 {
		news.Publish(e)
	}
	svc := actor.Start(&listener{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	b := actortest.Occupy(t, svc)
	cancel := subscribe(t, &news, svc, (*listener).hear, topic.Replay(3))
	cancel()
	b.LetGo()
	heard(t, svc)
	if i := svc.Info(); i.Skipped != 1 {
		t.Errorf("Info = %+v: want one skipped", i)
	}
	b = actortest.Occupy(t, svc)
	cancel = subscribe(t, &news, svc, func(l *listener, e int) { l.hear(e); cancel() }, topic.Replay(3))
	b.LetGo()
	heard(t, svc, 0)
}

func TestTopicChan(t *testing.T) {
	news := topic.Topic[int]{Keep: 5}
	news.Publish(1)
	news.Publish(2)
	events, cancel := topic.Chan(&news, 2, topic.Replay(1))
	published(t, &news, 3, 1)
	published(t, &news, 4, 0)
	if i := news.Info(); i.Refused != 1 || i.Subscribers != 1 {
		t.Errorf("Info = %+v", i)
	}
	cancel()
	cancel()
	published(t, &news, 5, 0)
	var got []int
	for e := range events {
		got = append(got, e)
	}
	if !slices.Equal(got, []int{2, 3}) {
		t.Errorf("got %v", got)
	}
}

func TestL12TopicKeepsNothingAlive(t *testing.T) {
	news := new(topic.Topic[int])
	down := actor.New(func(context.Context) (*listener, error) { return &listener{}, nil }, actortest.Quiet())
	ctx, cancel := context.WithCancel(context.Background())
	served := actortest.Serve(ctx, down)
	if _, err := actor.Get(context.Background(), down, (*listener).heard); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-served
	// It is down now, and somebody may serve it again as long as there is a handle.
	live := listen(t, news)
	other := serveAgain(t, news, down)
	service := weak.Make(down)
	runtime.KeepAlive(down)
	down = nil
	actortest.Collected(t, "the service", func() bool { return service.Value() == nil })
	if i := news.Info(); i.Subscribers != 1 {
		t.Errorf("%d subscribers: want 1", i.Subscribers)
	}
	_ = other
	gone := weak.Make(news)
	news = nil
	actortest.Collected(t, "the topic", func() bool { return gone.Value() == nil })
	actortest.Stop(t, live)
}

func serveAgain(t *testing.T, news *topic.Topic[int], svc *actor.Service[listener]) int {
	ctx, cancel := context.WithCancel(context.Background())
	served := actortest.Serve(ctx, svc)
	n, err := waitRunning(svc)
	if err != nil {
		t.Fatal(err)
	}
	subscribe(t, news, svc, (*listener).hear)
	cancel()
	<-served
	return n
}

func TestTopicBadInput(t *testing.T) {
	svc := actor.Start(&listener{}, actortest.Quiet())
	actortest.Stop(t, svc)
	var news topic.Topic[int]
	if cancel, err := topic.Subscribe(&news, svc, (*listener).hear); !errors.Is(err, actor.ErrStopped) || cancel == nil {
		t.Errorf("Subscribe of a stopped service = %v", err)
	}
	full := actor.New(func(context.Context) (*listener, error) { return &listener{}, nil }, actortest.Quiet(), actor.WithCapacity(1))
	actortest.Do(t, full, func(*listener) {})
	if _, err := topic.Subscribe(&news, full, (*listener).hear, topic.Replay(1)); err != actor.ErrMailboxFull {
		t.Errorf("Subscribe with a replay to a full service = %v", err)
	}
	if i := news.Info(); i.Subscribers != 0 {
		t.Errorf("refused, and subscribed: %+v", i)
	}
	full.Kill()
	negative := topic.Topic[int]{Keep: -1}
	actortest.Misuse(t, "topic", map[string]func(){
		"Subscribe with a nil function": func() { _, _ = topic.Subscribe[listener](&news, svc, nil) },
		"Subscribe with a nil topic":    func() { _, _ = topic.Subscribe(nil, svc, (*listener).hear) },
		"Chan with a nil topic":         func() { topic.Chan[int](nil, 1) },
		"Chan with a size of -1":        func() { topic.Chan(&news, -1) },
		"Info with a nil topic":         func() { (*topic.Topic[int])(nil).Info() },
		"Publish with a nil topic":      func() { (*topic.Topic[int])(nil).Publish(1) },
		"Publish: Topic.Keep is -1":     func() { negative.Publish(1) },
		"Subscribe: Topic.Keep is -1":   func() { _, _ = topic.Subscribe(&negative, svc, (*listener).hear) },
		"Replay(0)":                     func() { topic.Replay(0) },
		"nil option":                    func() { _, _ = topic.Subscribe(&news, svc, (*listener).hear, nil) },
	})
}

// What is published while somebody subscribes is behind the replay, or a part of it.
func TestL2TopicReplayComesFirst(t *testing.T) {
	news := topic.Topic[int]{Keep: 5}
	news.Publish(1)
	var dropped atomic.Int64
	hook := func(actor.DeadLetter) {
		if dropped.Add(1) == 1 { // while the replay is queued
			news.Publish(2)
		}
	}
	l := &listener{}
	svc := actor.Start(l, actortest.Quiet(), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest), actor.WithDeadLetters(hook))
	b := actortest.Occupy(t, svc)
	actortest.Do(t, svc, func(*listener) {}) // for which the replay has no room
	subscribe(t, &news, svc, (*listener).hear, topic.Replay(5))
	b.LetGo()
	actortest.Stop(t, svc)
	if !slices.Equal(l.events, []int{1, 2}) {
		t.Errorf("the subscriber got %v: want 1 and 2", l.events)
	}
}

// What a service subscribes to itself ends with its incarnation: the next one does it
// again, and gets each event once.
func TestL8TopicOfAnIncarnation(t *testing.T) {
	var news topic.Topic[int]
	var dead actortest.Letters
	svc := actor.New(func(ctx context.Context) (*listener, error) {
		_, err := topic.Subscribe(&news, actor.Self[listener](ctx), (*listener).hear)
		return &listener{}, err
	}, actortest.Quiet(), dead.Option())
	ctx := actortest.Supervised(context.Background())
	served := actortest.Serve(ctx, svc)
	heard(t, svc)
	for i := range 3 {
		published(t, &news, i, 1)
		heard(t, svc, i)
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*listener) { panic("again") })
		published(t, &news, 100+i, 1)
		b.LetGo()
		<-served
		published(t, &news, -1, 0)
		served = actortest.Serve(ctx, svc)
		heard(t, svc)
	}
	if all := dead.List(); len(all) != 3 || !errors.Is(all[0].Reason, actor.ErrRestarted) || !strings.Contains(all[0].Func, "hear") {
		t.Errorf("dead letters: %+v", all)
	}
	if i := news.Info(); i.Subscribers != 1 {
		t.Errorf("Info = %+v", i)
	}
	actortest.Stop(t, svc)
	<-served
	actortest.Balanced(t, svc.Info())
}

// To join and to leave among many moves none of them.
func TestTopicJoiningCopiesNothing(t *testing.T) {
	const many, comings = 10_000, 100
	var news topic.Topic[int]
	svc := actor.Start(&listener{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	for range many {
		subscribe(t, &news, svc, (*listener).hear)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range comings {
		subscribe(t, &news, svc, (*listener).hear)()
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) / comings; n > 4*many {
		t.Errorf("to join and leave among %d took %d bytes", many, n)
	}
}

// A Router's function is the user's, and may use the topic that it is called for.
func TestL17RouterMayUseTheTopic(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	var news topic.Topic[int]
	used := 0
	user := actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] {
		if used++; used%2 == 1 {
			news.Publish(0)
			_, cancel := topic.Chan(&news, 1)
			cancel()
		}
		return svc
	})
	subscribe(t, &news, user, func(*actortest.Plain, int) {})
	news.Publish(0)
	before := used
	if i := news.Info(); i.Subscribers != 1 || used != before {
		t.Errorf("%+v, and who looked has had %d picked", i, used-before)
	}
	actortest.Stop(t, svc)
	news.Publish(0)
	if i := news.Info(); i.Subscribers != 0 {
		t.Errorf("%+v", i)
	}
}

// What has ended is found by the next event, and nothing of it is kept.
func TestTopicForgetsWhatHasEnded(t *testing.T) {
	var news topic.Topic[int]
	svc := actor.Start(&listener{}, actortest.Quiet())
	kept := func() weak.Pointer[[1 << 10]byte] {
		captured := new([1 << 10]byte)
		subscribe(t, &news, svc, func(l *listener, e int) { l.hear(e + int(captured[0])) })
		return weak.Make(captured)
	}()
	actortest.Stop(t, svc)
	published(t, &news, 1, 0)
	published(t, &news, 2, 0) // copies those who are left
	actortest.Collected(t, "what the subscriber captured", func() bool { return kept.Value() == nil })
	runtime.KeepAlive(&news)
}
