package mailbox_test

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/mailbox"
)

func ExampleQueue() {
	var q mailbox.Queue[string]
	q.Push("hello")
	q.Push("world")
	fmt.Println(q.Pop())
	fmt.Println(q.Pop())
	fmt.Println(q.Pop())
	// Output:
	// hello true
	// world true
	//  false
}

// An owner takes values until the mailbox is closed and empty.
func ExampleConsumer() {
	m := mailbox.New(mailbox.Options[int]{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, _ := m.Acquire()
		for {
			v, ok := c.Next()
			switch {
			case ok:
				fmt.Println("working on", v)
				c.Done()
			case m.Closed() && c.Empty():
				c.Release()
				return
			default:
				c.Wait()
			}
		}
	}()
	m.TryPut(1)
	m.TryPut(2)
	m.Close()
	fmt.Println(m.TryPut(3))
	<-done
	// Unordered output:
	// mailbox: closed
	// working on 1
	// working on 2
}

func ExampleOptions_capacity() {
	m := mailbox.New(mailbox.Options[int]{Capacity: 1})
	fmt.Println(m.TryPut(1))
	fmt.Println(m.TryPut(2))
	c, _ := m.Acquire()
	c.Next()
	fmt.Println(m.TryPut(2))
	// Output:
	// <nil>
	// mailbox: full
	// <nil>
}

func ExampleOptions_dropped() {
	m := mailbox.New(mailbox.Options[int]{
		Capacity: 2,
		Dropped:  func(v int) { fmt.Println("dropped", v) },
	})
	m.TryPut(1)
	m.TryPut(2)
	m.TryPut(3)
	// Output:
	// dropped 1
}

// Put waits for room, no longer than its context.
func ExampleMailbox_Put() {
	m := mailbox.New(mailbox.Options[int]{Capacity: 1})
	m.TryPut(1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(m.Put(ctx, 2))
	// Output:
	// context deadline exceeded
}

// The part of an owner that does not come back goes to another one.
func ExampleMailbox_Take() {
	m := mailbox.New(mailbox.Options[string]{})
	m.TryPut("slow")
	m.TryPut("next")
	first, _ := m.Acquire()
	first.Next()

	second, at, _ := m.Take()
	fmt.Println("taken over at", at)
	fmt.Println(second.Next())
	fmt.Println("the first one is still the owner:", first.Done())
	// Output:
	// taken over at slow
	// next true
	// the first one is still the owner: false
}
