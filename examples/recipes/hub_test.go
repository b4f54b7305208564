package recipes_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
)

// Message is what the hub passes on.
type Message struct{ From, Text string }

// Member is one of many who listen.
type Member struct{ heard []string }

func (m *Member) Hear(msg Message) { m.heard = append(m.heard, msg.From+": "+msg.Text) }

func (m *Member) Heard() []string { return slices.Clone(m.heard) }

// How does one tell many, without waiting for the slowest?
func Example_hub() {
	ctx := context.Background()
	var room topic.Topic[Message]
	members := make([]*actor.Service[Member], 100)
	leave := make([]func(), len(members))
	for i := range members {
		members[i] = actor.Start(&Member{}, actor.WithCapacity(16))
		cancel, err := topic.Subscribe(&room, members[i], (*Member).Hear)
		if err != nil {
			fmt.Println(err)
			return
		}
		leave[i] = cancel
	}

	fmt.Println(room.Publish(Message{"ada", "hello"}), "members got it")
	leave[1]()
	members[2].Stop(ctx) // need not leave
	fmt.Println(room.Publish(Message{"bob", "bye"}), "members got it")

	fmt.Println(actor.Get(ctx, members[0], (*Member).Heard))
	for _, m := range members {
		m.Stop(ctx)
	}
	// Output:
	// 100 members got it
	// 98 members got it
	// [ada: hello bob: bye] <nil>
}
