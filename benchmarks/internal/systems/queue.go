package systems

import (
	"sync"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/bruskajp/nano_services/mailbox"
)

// queues are the systems that are queues and nothing else.
func queues() []*System {
	return []*System{{
		Name:     "nano-mailbox",
		About:    "package mailbox whole: the queue with a consumer that sleeps, an end, and signals",
		NewQueue: func() Queue { return newNanoMailbox() },
	}, {
		Name:     "xsync",
		About:    "UMPSCQueue of xsync",
		NewQueue: func() Queue { return xsyncQueue{xsync.NewUMPSCQueue[int]()} },
	}}
}

// nanoMailbox is what a service has: the queue, and a consumer that sleeps.
type nanoMailbox struct {
	box *mailbox.Mailbox[int]
	own mailbox.Consumer[int]
}

func newNanoMailbox() *nanoMailbox {
	box := mailbox.New(mailbox.Options[int]{})
	own, _ := box.Acquire() // nobody else has it
	return &nanoMailbox{box, own}
}

func (q *nanoMailbox) Push(first, n int) {
	for v := first; v < first+n; v++ {
		_ = q.box.TryPut(v) // neither full nor closed, and the sum would show it
	}
}

func (q *nanoMailbox) Pop(n int) (sum int) {
	for range n {
		sum += q.next()
	}
	return sum
}

func (q *nanoMailbox) next() int {
	for {
		if v, ok := q.own.Next(); ok {
			q.own.Done()
			return v
		}
		q.own.Wait()
	}
}

func (q *nanoMailbox) Alternate(n int) (sum int) {
	for v := range n {
		_ = q.box.TryPut(v)
		sum += q.next()
	}
	return sum
}

type channelQueue chan int

func (q channelQueue) Push(first, n int) {
	for v := first; v < first+n; v++ {
		q <- v
	}
}

func (q channelQueue) Pop(n int) (sum int) {
	for range n {
		sum += <-q
	}
	return sum
}

func (q channelQueue) Alternate(n int) (sum int) {
	for v := range n {
		q <- v
		sum += <-q
	}
	return sum
}

// swapped is a slice under a mutex. The consumer takes all of it at once and leaves its
// own empty one.
type swapped struct {
	mu       sync.Mutex
	notEmpty *sync.Cond
	in       []int // guarded by mu

	out  []int // the consumer's own
	next int   // what of out comes next
}

func newSwapped() *swapped {
	q := new(swapped)
	q.notEmpty = sync.NewCond(&q.mu)
	return q
}

func (q *swapped) put(v int) {
	q.mu.Lock()
	q.in = append(q.in, v)
	first := len(q.in) == 1
	q.mu.Unlock()
	if first {
		q.notEmpty.Signal()
	}
}

func (q *swapped) take() int {
	if q.next == len(q.out) {
		q.mu.Lock()
		for len(q.in) == 0 {
			q.notEmpty.Wait()
		}
		q.in, q.out = q.out[:0], q.in
		q.next = 0
		q.mu.Unlock()
	}
	q.next++
	return q.out[q.next-1]
}

func (q *swapped) Push(first, n int) {
	for v := first; v < first+n; v++ {
		q.put(v)
	}
}

func (q *swapped) Pop(n int) (sum int) {
	for range n {
		sum += q.take()
	}
	return sum
}

func (q *swapped) Alternate(n int) (sum int) {
	for v := range n {
		q.put(v)
		sum += q.take()
	}
	return sum
}

type xsyncQueue struct{ q *xsync.UMPSCQueue[int] }

func (q xsyncQueue) Push(first, n int) {
	for v := first; v < first+n; v++ {
		q.q.Enqueue(v)
	}
}

func (q xsyncQueue) Pop(n int) (sum int) {
	for range n {
		sum += q.q.Dequeue()
	}
	return sum
}

func (q xsyncQueue) Alternate(n int) (sum int) {
	for v := range n {
		q.q.Enqueue(v)
		sum += q.q.Dequeue()
	}
	return sum
}
