package topic_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
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
	var sold topic.Topic[Sale]
	ledger := actor.Start(&Ledger{})

	cancel, err := topic.Subscribe(&sold, ledger, (*Ledger).Book)
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

// ByKey is the key of a name in a context, as that of a trace would be.
type ByKey struct{}

// How does a subscriber's interceptor know who has published, or a trace go through a topic?
func ExampleTopic_PublishContext() {
	var sold topic.Topic[Sale]
	audit := func(c actor.Closure, run func() error) error {
		fmt.Println("by", c.Context().Value(ByKey{}))
		return run()
	}
	ledger := actor.Start(&Ledger{}, actor.WithInterceptor(audit))
	topic.Subscribe(&sold, ledger, (*Ledger).Book)

	ctx := context.WithValue(context.Background(), ByKey{}, "ada")
	sold.PublishContext(ctx, Sale{"apple", 30})

	ledger.Stop(ctx)
	// Output: by ada
}

// What does somebody get who comes late?
func ExampleReplay() {
	ctx := context.Background()
	sold := topic.Topic[Sale]{Keep: 2}
	sold.Publish(Sale{"apple", 30})
	sold.Publish(Sale{"pear", 40})
	sold.Publish(Sale{"plum", 5})

	ledger := actor.Start(&Ledger{})
	topic.Subscribe(&sold, ledger, (*Ledger).Book, topic.Replay(2)) // pear and plum
	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Cents))

	ledger.Stop(ctx)
	// Output: 45 <nil>
}

// How does a function get events? It needs a service, if only one without a value of
// note: that is its goroutine, and its end.
func ExampleSubscribe_function() {
	ctx := context.Background()
	var sold topic.Topic[Sale]

	printer := actor.Start(&struct{}{}, actor.WithName("printer"))
	topic.Subscribe(&sold, printer, func(_ *struct{}, s Sale) { fmt.Println("sold:", s.Item) })
	sold.Publish(Sale{"apple", 30})

	printer.Stop(ctx) // when it has printed what was published
	fmt.Println(sold.Publish(Sale{"pear", 40}), "got it")
	// Output:
	// sold: apple
	// 0 got it
}

// How are events received from a channel?
func ExampleChan() {
	var sold topic.Topic[Sale]

	sales, cancel := topic.Chan(&sold, 2)
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
