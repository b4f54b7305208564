package recipes_test

import (
	"context"
	"errors"
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

// How is one disconnected that does not keep up?
func Example_hub_slow() {
	ctx := context.Background()
	var room topic.Topic[Message]
	var slow *actor.Service[Member]
	slow = actor.Start(&Member{}, actor.WithCapacity(16), actor.WithDeadLetters(func(d actor.DeadLetter) {
		if errors.Is(d.Reason, actor.ErrMailboxFull) { // it is 16 messages behind
			slow.Kill() // its Close closes the connection, when the write that hangs has returned
		}
	}))
	quick := actor.Start(&Member{})
	for _, m := range []*actor.Service[Member]{slow, quick} {
		if _, err := topic.Subscribe(&room, m, (*Member).Hear); err != nil {
			fmt.Println(err)
			return
		}
	}
	hangs, writing := make(chan struct{}), make(chan struct{})
	slow.Do(func(*Member) { close(writing); <-hangs }) // as a write to a connection that nobody reads
	<-writing

	for i := range 20 {
		room.Publish(Message{"ada", fmt.Sprint(i)})
	}
	<-slow.Done() // cut off from what hangs, and out of the room
	heard, err := actor.Get(ctx, quick, (*Member).Heard)
	fmt.Println(len(heard), err)
	fmt.Println(room.Publish(Message{"bob", "bye"}), "member got it")
	close(hangs)
	quick.Stop(ctx)
	// Output:
	// 20 <nil>
	// 1 member got it
}
