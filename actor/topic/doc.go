/*
Package topic tells services of events. An event is a value of any type; a [Topic]
passes it on to those who have subscribed, and it runs the subscriber's method on the
subscriber's own goroutine:

	var sold topic.Topic[Sale]
	ledger := actor.Start(&Ledger{})

	cancel, err := topic.Subscribe(&sold, ledger, (*Ledger).Book)
	fmt.Println(err)

	fmt.Println(sold.Publish(Sale{"apple", 30}), "got it")
	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Cents))

	cancel()
	fmt.Println(sold.Publish(Sale{"pear", 40}), "got it")

prints

	<nil>
	1 got it
	30 <nil>
	0 got it

An event waits in the mailbox of each subscriber like any closure, so a slow or
crashed one harms no other. [Chan] is for those who are not services, and [Replay] for
those who come late.

The package is built on [actor.Recipient], and uses nothing of package actor that is not
exported: a topic of another kind, say one that asks its subscribers what they want, is
written likewise.
*/
package topic
