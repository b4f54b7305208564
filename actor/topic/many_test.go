package topic_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// To join, and to leave, allocates the same among few and among many: no list of all is
// copied. Bytes are counted, since a time would depend on the machine.
func TestTopicJoiningCostsTheSameAmongMany(t *testing.T) {
	const few, many, rounds = 100, 20_000, 100
	nothing := func(*actortest.Plain) {}
	for name, joining := range map[string]func(*actor.Service[actortest.Plain]) (join func() (leave func())){
		"Subscribe": func(svc *actor.Service[actortest.Plain]) func() func() {
			var news topic.Topic[int]
			return func() func() { return subscribe(t, &news, svc, func(*actortest.Plain, int) {}) }
		},
		"Chan": func(*actor.Service[actortest.Plain]) func() func() {
			var news topic.Topic[int]
			return func() func() { _, cancel := topic.Chan(&news, 1); return cancel }
		},
		"Watch": func(svc *actor.Service[actortest.Plain]) func() func() {
			watcher := actor.Start(&actortest.Plain{}, actortest.Quiet())
			t.Cleanup(watcher.Kill)
			return func() func() { return actor.Watch(svc, watcher, func(*actortest.Plain, actor.DownNotice) {}) }
		},
		"After": func(svc *actor.Service[actortest.Plain]) func() func() {
			return func() func() { timer := svc.After(time.Hour, nothing); return func() { timer.Cancel() } }
		},
		"NewRecipient": func(svc *actor.Service[actortest.Plain]) func() func() {
			return func() func() {
				to, err := actor.NewRecipient(svc, func(*actortest.Plain, int) {})
				if err != nil {
					t.Fatal(err)
				}
				return to.Close
			}
		},
	} {
		cost := func(n int) uint64 {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
			defer func() { _ = svc.Stop(context.Background()) }()
			join := joining(svc)
			leaves := make([]func(), 0, n)
			for range n {
				leaves = append(leaves, join())
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range rounds {
				join()()
			}
			runtime.ReadMemStats(&after)
			for _, leave := range leaves {
				leave()
			}
			return (after.TotalAlloc - before.TotalAlloc) / rounds
		}
		among, alone := cost(many), cost(few)
		if among > 2*alone+1024 { // a list of all would be 16 bytes for each of them
			t.Errorf("%s: %d bytes among %d, and %d among %d", name, among, many, alone, few)
		}
	}
}
