package systems

import (
	"fmt"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
)

func addNanoTopic(s *System) { s.NewTopic = newNanoTopic }

// nanoTopic is a topic with the services that have subscribed to it.
type nanoTopic struct {
	topic       topic.Topic[int]
	subscribers []*actor.Service[Tally]
}

func newNanoTopic(subscribers int) (Topic, error) {
	t := new(nanoTopic)
	for range subscribers {
		svc := actor.Start(new(Tally), actor.WithLogger(quiet))
		t.subscribers = append(t.subscribers, svc)
		if _, err := topic.Subscribe(&t.topic, svc, (*Tally).Add); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *nanoTopic) Publish(n int) error {
	for e := 1; e <= n; e++ {
		if got := t.topic.Publish(e); got != len(t.subscribers) {
			return fmt.Errorf("%d of %d subscribers accepted %d", got, len(t.subscribers), e)
		}
	}
	return nil
}

func (t *nanoTopic) Sums() (sums []int, err error) {
	for _, svc := range t.subscribers {
		sum, err := actor.Get(background, svc, (*Tally).Value)
		if err != nil {
			return nil, err
		}
		sums = append(sums, sum)
	}
	return sums, nil
}

func (t *nanoTopic) Stop() error {
	for _, svc := range t.subscribers {
		if err := svc.Stop(background); err != nil {
			return err
		}
	}
	return nil
}
