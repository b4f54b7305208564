package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Sale is an event: any type will do.
type Sale struct {
	Item  string
	Cents int
}

// Ledger is told of sales, and knows nothing of topics.
type Ledger struct{ cents int }

func (l *Ledger) Book(s Sale) { l.cents += s.Cents }
func (l *Ledger) Cents() int  { return l.cents }

// How does a service learn of events?
func ExampleTopic() {
	ctx := context.Background()
	var sold actor.Topic[Sale]
	ledger := actor.Start(&Ledger{})

	cancel, err := actor.Subscribe(&sold, ledger, (*Ledger).Book)
	fmt.Println(err)

	fmt.Println(sold.Publish(Sale{"apple", 30}), "got it")
	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Cents))

	cancel()
	fmt.Println(sold.Publish(Sale{"pear", 40}), "got it")

	ledger.Stop(ctx)
	// Output:
	// <nil>
	// 1 got it
	// 30 <nil>
	// 0 got it
}

// What does somebody get who comes late?
func ExampleReplay() {
	ctx := context.Background()
	sold := actor.Topic[Sale]{Keep: 2}
	sold.Publish(Sale{"apple", 30})
	sold.Publish(Sale{"pear", 40})
	sold.Publish(Sale{"plum", 5})

	ledger := actor.Start(&Ledger{})
	actor.Subscribe(&sold, ledger, (*Ledger).Book, actor.Replay(2)) // pear and plum
	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Cents))

	ledger.Stop(ctx)
	// Output: 45 <nil>
}

// How are events received without a service?
func ExampleSubscribeFunc() {
	var sold actor.Topic[Sale]

	done := make(chan bool)
	cancel := actor.SubscribeFunc(&sold, func(s Sale) { // on a goroutine of its own
		fmt.Println("sold:", s.Item)
		done <- true
	})
	sold.Publish(Sale{"apple", 30})
	<-done
	cancel()
	// Output: sold: apple
}

// How are events received from a channel?
func ExampleSubscribeChan() {
	var sold actor.Topic[Sale]

	sales, cancel := actor.SubscribeChan(&sold, 2)
	for _, item := range []string{"apple", "pear", "plum"} {
		fmt.Println(item, sold.Publish(Sale{item, 10})) // there is room for two
	}
	cancel()
	for s := range sales { // ends, because cancel closes the channel
		fmt.Println(s.Item)
	}
	// Output:
	// apple 1
	// pear 1
	// plum 0
	// apple
	// pear
}
