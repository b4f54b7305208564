package topic_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// An event that comes while a subscriber drains is not for it, and does not take away those
// that it has accepted: neither events nor a replay of them.
func TestL3TopicEventOfWhoDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, subscribes := range map[string]func(*topic.Topic[int], *actor.Service[listener]){
			"an event": func(news *topic.Topic[int], svc *actor.Service[listener]) {
				subscribe(t, news, svc, (*listener).hear)
			},
			"an event through a Router": func(news *topic.Topic[int], svc *actor.Service[listener]) {
				subscribe(t, news, actor.Route(func(*actor.Service[listener]) *actor.Service[listener] { return svc }), (*listener).hear)
			},
		} {
			var news topic.Topic[int]
			l := &listener{}
			svc := actor.Start(l, actortest.Quiet())
			subscribes(&news, svc)
			b := actortest.Occupy(t, svc)
			published(t, &news, 1, 1)
			stopped := make(chan error, 1)
			go func() { stopped <- svc.Stop(context.Background()) }()
			synctest.Wait()
			published(t, &news, 2, 0)
			if i := news.Info(); i.Subscribers != 0 {
				t.Errorf("%s: %d subscribers", name, i.Subscribers)
			}
			b.LetGo()
			if err := <-stopped; err != nil || !slices.Equal(l.events, []int{1}) {
				t.Errorf("%s: %v ran: want 1; Stop = %v", name, l.events, err)
			}
			i := svc.Info()
			actortest.Balanced(t, i)
			if i.Skipped != 0 || i.Dead != 0 {
				t.Errorf("%s: %+v", name, i)
			}
		}
	})
}

// The replay that a subscriber is at goes on when another event finds that it drains.
func TestL11TopicReplayOfWhoDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		news := topic.Topic[int]{Keep: 3}
		for e := range 3 {
			news.Publish(e)
		}
		l := &listener{}
		svc := actor.Start(l, actortest.Quiet())
		held := make(chan struct{})
		subscribe(t, &news, svc, func(l *listener, e int) {
			l.hear(e)
			<-held
		}, topic.Replay(3))
		published(t, &news, 3, 1)
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(context.Background()) }()
		synctest.Wait()
		published(t, &news, 4, 0)
		close(held)
		if err := <-stopped; err != nil || !slices.Equal(l.events, []int{0, 1, 2, 3}) {
			t.Errorf("%v ran: want 0 to 3; Stop = %v", l.events, err)
		}
	})
}
