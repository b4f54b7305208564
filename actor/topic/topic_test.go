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

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// listener is a T that keeps the events it gets.
type listener struct{ events []int }

func (l *listener) hear(e int)   { l.events = append(l.events, e) }
func (l *listener) heard() []int { return slices.Clone(l.events) }
func (l *listener) crash(e int)  { panic(fmt.Sprint("event ", e)) }
func listen(t testing.TB, news *topic.Topic[int], opts ...actor.Option) *actor.Service[listener] {
	t.Helper()
	svc := actor.Start(&listener{}, append([]actor.Option{actortest.Quiet()}, opts...)...)
	subscribe(t, news, svc, (*listener).hear)
	return svc
}

func subscribe[T, E any](t testing.TB, news *topic.Topic[E], svc actor.Ref[T], f func(*T, E), opts ...topic.Option) (cancel func()) {
	t.Helper()
	cancel, err := topic.Subscribe(news, svc, f, opts...)
	if err != nil {
		t.Fatalf("Subscribe = %v", err)
	}
	return cancel
}

// heard demands what a listener has got.
func heard(t testing.TB, svc *actor.Service[listener], want ...int) {
	t.Helper()
	got, err := actor.Get(context.Background(), svc, (*listener).heard)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the subscriber got %v, %v: want %v", got, err, want)
	}
}

// published demands how many got an event.
func published(t testing.TB, news *topic.Topic[int], e, want int) {
	t.Helper()
	if n := news.Publish(e); n != want {
		t.Errorf("Publish(%d) = %d: want %d", e, n, want)
	}
}

func TestTopicReachesAll(t *testing.T) {
	var news topic.Topic[int]
	published(t, &news, 0, 0)
	one, two := listen(t, &news), listen(t, &news)
	defer actortest.Stop(t, one)
	defer actortest.Stop(t, two)
	published(t, &news, 1, 2)
	published(t, &news, 2, 2)
	heard(t, one, 1, 2)
	heard(t, two, 1, 2)
	if i := news.Info(); i != (topic.Info{Subscribers: 2, Published: 3, Delivered: 4}) {
		t.Errorf("Info = %+v", i)
	}
}

// Each publisher's events keep their order at each subscriber, and none is lost or
// comes twice.
func TestL2TopicOrderOfOnePublisher(t *testing.T) {
	const publishers, each = 4, 500
	type event struct{ from, n int }
	type seen struct{ next [publishers]int }
	var news topic.Topic[event]
	var svcs []*actor.Service[seen]
	for range 5 {
		svc := actor.Start(&seen{}, actortest.Quiet())
		defer actortest.Stop(t, svc)
		subscribe(t, &news, svc, func(s *seen, e event) {
			if s.next[e.from] != e.n {
				t.Errorf("publisher %d: event %d where %d was due", e.from, e.n, s.next[e.from])
			}
			s.next[e.from] = e.n + 1
		})
		svcs = append(svcs, svc)
	}
	var all sync.WaitGroup
	for from := range publishers {
		all.Go(func() {
			for n := range each {
				if got := news.Publish(event{from, n}); got != len(svcs) {
					t.Errorf("Publish = %d", got)
				}
			}
		})
	}
	all.Wait()
	for _, svc := range svcs {
		s, err := actor.Get(context.Background(), svc, func(s *seen) seen { return *s })
		if err != nil || s.next != [publishers]int{each, each, each, each} {
			t.Errorf("got %v, %v", s.next, err)
		}
	}
}

// A subscriber that is full refuses, and that is counted, shown and told to the
// publisher; the others get the event all the same.
func TestL3TopicRefusalIsVisible(t *testing.T) {
	var news topic.Topic[int]
	var refusals actortest.Letters
	slow := listen(t, &news, actor.WithCapacity(2), refusals.Option())
	quick := listen(t, &news)
	defer actortest.Stop(t, quick)
	defer actortest.Stop(t, slow)
	b := actortest.Occupy(t, slow)
	for e, want := range []int{2, 2, 1, 1} {
		published(t, &news, e, want)
	}
	b.LetGo()
	heard(t, quick, 0, 1, 2, 3)
	heard(t, slow, 0, 1)
	if i := slow.Info(); i.Refused != 2 {
		t.Errorf("the service counts %d refusals: want 2", i.Refused)
	}
	if i := news.Info(); i.Refused != 2 || i.Delivered != 6 {
		t.Errorf("the topic's Info = %+v", i)
	}
	all := refusals.List()
	if len(all) != 2 || !all[0].Refused || all[0].Reason != actor.ErrMailboxFull || !strings.Contains(all[0].Func, "hear") {
		t.Errorf("the hook got %+v", all)
	}
	actortest.Balanced(t, slow.Info())
}

// What a stop overtakes is a dead letter, by the name of the subscriber's function.
func TestL3TopicEventIsADeadLetter(t *testing.T) {
	var news topic.Topic[int]
	var dead actortest.Letters
	svc := listen(t, &news, dead.Option())
	b := actortest.Occupy(t, svc)
	published(t, &news, 1, 1)
	published(t, &news, 2, 1)
	svc.Kill()
	b.LetGo()
	all := dead.List()
	if len(all) != 2 || all[0].Refused || !errors.Is(all[0].Reason, actor.ErrStopped) || !strings.Contains(all[0].Func, "hear") {
		t.Errorf("dead letters: %+v", all)
	}
	actortest.Balanced(t, svc.Info())
}

func TestL3TopicDropsTheOldest(t *testing.T) {
	var news topic.Topic[int]
	var dead actortest.Letters
	l := &listener{}
	svc := actor.Start(l, actortest.Quiet(), actor.WithCapacity(2), actor.WithOverflow(actor.DropOldest), dead.Option())
	subscribe(t, &news, svc, (*listener).hear)
	b := actortest.Occupy(t, svc)
	for e := range 5 {
		published(t, &news, e, 1)
	}
	b.LetGo()
	actortest.Stop(t, svc)
	if !slices.Equal(l.events, []int{3, 4}) {
		t.Errorf("the subscriber got %v: want 3 and 4", l.events)
	}
	if n := len(dead.List()); n != 3 {
		t.Errorf("%d dead letters: want 3", n)
	}
	actortest.Balanced(t, svc.Info())
}

// An event that crashes its subscriber harms nobody else, and comes no second time.
func TestL7TopicSubscriberCrashes(t *testing.T) {
	var news topic.Topic[int]
	bad := actor.Start(&listener{}, actortest.Quiet())
	subscribe(t, &news, bad, (*listener).crash)
	good := listen(t, &news)
	defer actortest.Stop(t, good)
	published(t, &news, 1, 2)
	<-bad.Done()
	var crash *actor.PanicError
	if err := bad.Err(); !errors.As(err, &crash) || !strings.Contains(crash.Func, "crash") {
		t.Errorf("Err = %v", err)
	}
	published(t, &news, 2, 1)
	heard(t, good, 1, 2)
	if i := news.Info(); i.Subscribers != 1 {
		t.Errorf("%d subscribers: want 1", i.Subscribers)
	}
}

// A restart does not end a subscription, and what is published meanwhile waits.
func TestL9TopicSurvivesRestart(t *testing.T) {
	var news topic.Topic[int]
	svc := actor.New(func(context.Context) (*listener, error) { return &listener{}, nil }, actortest.Quiet())
	subscribe(t, &news, svc, func(l *listener, e int) {
		if e == 0 {
			panic("zero")
		}
		l.hear(e)
	})
	published(t, &news, 1, 1) // before it was ever served
	if t.Failed() {
		return // what follows would wait for the crash
	}
	ctx := actortest.Supervised(context.Background())
	served := actortest.Serve(ctx, svc)
	heard(t, svc, 1)
	b := actortest.Occupy(t, svc)
	published(t, &news, 0, 1)
	published(t, &news, 2, 1)
	b.LetGo()
	<-served
	published(t, &news, 3, 1)
	served = actortest.Serve(ctx, svc)
	heard(t, svc, 2, 3) // 0 is not run again
	published(t, &news, 4, 1)
	heard(t, svc, 2, 3, 4)
	actortest.Stop(t, svc)
	<-served
	published(t, &news, 5, 0)
}

// A service that is down is passed over without a noise, and gets events again when
// it is served again.
func TestTopicPassesOverWhatIsDown(t *testing.T) {
	var news topic.Topic[int]
	var refusals actortest.Letters
	svc := actor.New(func(context.Context) (*listener, error) { return &listener{}, nil }, refusals.Option())
	subscribe(t, &news, svc, (*listener).hear)
	ctx, cancel := context.WithCancel(context.Background())
	served := actortest.Serve(ctx, svc)
	published(t, &news, 1, 1)
	heard(t, svc, 1)
	cancel()
	<-served
	published(t, &news, 2, 0)
	if i := svc.Info(); i.State != actor.Down || i.Refused != 0 || len(refusals.List()) != 0 {
		t.Errorf("Info = %+v, refusals %v", i, refusals.List())
	}
	served = actortest.Serve(context.Background(), svc)
	if _, err := waitRunning(svc); err != nil {
		t.Fatal(err)
	}
	published(t, &news, 3, 1)
	heard(t, svc, 3)
	actortest.Stop(t, svc)
	<-served
}

// waitRunning returns when a service that was down is served.
func waitRunning(svc *actor.Service[listener]) (int, error) {
	for svc.Info().State != actor.Running {
		runtime.Gosched()
	}
	return actor.Get(context.Background(), svc, func(l *listener) int { return len(l.events) })
}

func TestTopicCancel(t *testing.T) {
	var news topic.Topic[int]
	svc := actor.Start(&listener{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	cancel := subscribe(t, &news, svc, (*listener).hear)
	published(t, &news, 1, 1)
	heard(t, svc, 1)
	b := actortest.Occupy(t, svc)
	published(t, &news, 2, 1) // is queued
	cancel()
	cancel()
	published(t, &news, 3, 0)
	b.LetGo()
	heard(t, svc, 1)
	if i := svc.Info(); i.Skipped != 1 {
		t.Errorf("Info = %+v: want one skipped", i)
	}
	actortest.Balanced(t, svc.Info())
	// From inside, after which there is not one more.
	var inside func()
	inside = subscribe(t, &news, svc, func(l *listener, e int) { l.hear(e); inside() })
	b = actortest.Occupy(t, svc)
	published(t, &news, 4, 1)
	published(t, &news, 5, 1)
	b.LetGo()
	heard(t, svc, 1, 4)
}

// Whoever subscribes with a replay while others publish gets each event of each
// publisher once, from some event on, in order.
// The job of a replay may have its turn before Subscribe goes on.
// Publishing and cancelling at once: no send on a closed channel, and no deadlock.
func TestTopicComingAndGoing(t *testing.T) {
	news := topic.Topic[int]{Keep: 2}
	var over atomic.Bool
	var publishers, others sync.WaitGroup
	for range 2 {
		publishers.Go(func() {
			for e := 0; !over.Load(); e++ {
				news.Publish(e)
			}
		})
	}
	for range 2 {
		others.Go(func() {
			for range 100 {
				_, cancel := topic.Chan(&news, 1, topic.Replay(1))
				svc := actor.Start(&listener{}, actortest.Quiet())
				_, err := topic.Subscribe(&news, svc, (*listener).hear, topic.Replay(2))
				if err != nil {
					t.Error(err)
				}
				actortest.Stop(t, svc)
				cancel()
			}
		})
	}
	others.Wait()
	over.Store(true)
	publishers.Wait()
	if n := news.Publish(0); n != 0 {
		t.Errorf("%d are left", n)
	}
}

// A hook may use the topic whose event it is told of.
func TestTopicFromAHook(t *testing.T) {
	news := topic.Topic[int]{Keep: 1}
	var again atomic.Int64
	hook := func(actor.DeadLetter) {
		if again.Add(1) == 1 {
			news.Publish(2)
		}
	}
	l := &listener{}
	svc := actor.Start(l, actortest.Quiet(), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest), actor.WithDeadLetters(hook))
	subscribe(t, &news, svc, (*listener).hear)
	b := actortest.Occupy(t, svc)
	published(t, &news, 0, 1)
	published(t, &news, 1, 1) // drops 0, upon which the hook publishes 2, which drops 1
	b.LetGo()
	actortest.Stop(t, svc)
	if !slices.Equal(l.events, []int{2}) {
		t.Errorf("the subscriber got %v: want 2", l.events)
	}
	if n := again.Load(); n != 1 { // of 0, and not of 1, which it dropped itself
		t.Errorf("the hook was called %d times: want 1", n)
	}
	if i := svc.Info(); i.Dead != 2 {
		t.Errorf("%d are dead: want 2", i.Dead)
	}
}

// Publishing to a thousand allocates the event, and nothing for a subscriber.
func TestTopicAllocations(t *testing.T) {
	const n = 1000
	var news topic.Topic[[4]int]
	var left atomic.Int64
	all := make(chan struct{}, 1)
	for range n {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		defer actortest.Stop(t, svc)
		subscribe(t, &news, svc, func(*actortest.Plain, [4]int) {
			if left.Add(-1) == 0 {
				all <- struct{}{}
			}
		})
	}
	one, two := actor.Start(&actortest.Plain{}, actortest.Quiet()), actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, one)
	defer actortest.Stop(t, two)
	const more = 32 // as many as their queues have room for without growing
	turn := 0
	router := actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] {
		turn++
		return []*actor.Service[actortest.Plain]{one, two}[turn%2]
	})
	for range more {
		cancel, err := topic.Subscribe(&news, router, func(*actortest.Plain, [4]int) {
			if left.Add(-1) == 0 {
				all <- struct{}{}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer cancel()
	}
	round := func() {
		left.Store(n + more)
		if got := news.Publish([4]int{1}); got != n+more {
			t.Errorf("Publish = %d", got)
		}
		<-all
	}
	round() // each service has been at work once
	if got := testing.AllocsPerRun(20, round); got > 3 {
		t.Errorf("publishing to %d allocates %v times", n, got)
	}
}

// Whatever its subscribers do, Publish returns.
func TestL13PublishNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var news topic.Topic[int]
		full := listen(t, &news, actor.WithCapacity(1))
		dropping := listen(t, &news, actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest))
		_, cancel := topic.Chan(&news, 0)
		defer cancel()
		one, other := actortest.Occupy(t, full), actortest.Occupy(t, dropping)
		for e := range 10 {
			want := 1
			if e == 0 {
				want = 2
			}
			published(t, &news, e, want)
		}
		one.LetGo()
		other.LetGo()
		// From one of its own closures, too.
		busy := listen(t, &news)
		if err := busy.Run(context.Background(), func(*listener) error {
			for e := range 10 {
				news.Publish(e)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		actortest.Stop(t, full)
		actortest.Stop(t, dropping)
		actortest.Stop(t, busy)
	})
}
