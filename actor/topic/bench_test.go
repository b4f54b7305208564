package topic_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// tally is a T that adds up.
type tally struct{ n int }

func (t *tally) value() int { return t.n }

// One event for many subscribers: beside it, a Do to each.
func BenchmarkPublish(b *testing.B) {
	for _, subscribers := range []int{1, 1000} {
		b.Run(strconv.Itoa(subscribers), func(b *testing.B) {
			var svcs []*actor.Service[tally]
			var news topic.Topic[int]
			for range subscribers {
				svc := actor.Start(&tally{})
				defer actortest.Stop(b, svc)
				if _, err := topic.Subscribe(&news, svc, func(t *tally, by int) { t.n += by }); err != nil {
					b.Fatal(err)
				}
				svcs = append(svcs, svc)
			}
			settled := func() {
				for _, svc := range svcs {
					_, _ = actor.Get(context.Background(), svc, (*tally).value)
				}
			}
			b.Run("topic", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					news.Publish(1)
					settled()
				}
			})
			b.Run("do", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					for _, svc := range svcs {
						by := b.N
						_ = svc.Do(func(t *tally) { t.n += by })
					}
					settled()
				}
			})
		})
	}
}

// To join and to leave, among few and among many.
func BenchmarkJoinAndLeave(b *testing.B) {
	for _, subscribers := range []int{100, 100_000} {
		b.Run(strconv.Itoa(subscribers), func(b *testing.B) {
			var news topic.Topic[int]
			svc := actor.Start(&tally{})
			defer actortest.Stop(b, svc)
			for range subscribers {
				if _, err := topic.Subscribe(&news, svc, func(t *tally, by int) { t.n += by }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				cancel, err := topic.Subscribe(&news, svc, func(t *tally, by int) { t.n += by })
				if err != nil {
					b.Fatal(err)
				}
				cancel()
			}
		})
	}
}
