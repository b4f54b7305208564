package systems

import (
	"runtime"

	"github.com/bruskajp/nano_services/mailbox"
)

func addNanoQueue(s *System) { s.NewQueue = func() Queue { return new(nanoQueue) } }

// nanoQueue is the queue of package mailbox alone. It has no way to wait: a consumer
// that finds nothing yields.
type nanoQueue struct{ q mailbox.Queue[int] }

func (q *nanoQueue) Push(first, n int) {
	for v := first; v < first+n; v++ {
		q.q.Push(v)
	}
}

func (q *nanoQueue) Pop(n int) (sum int) {
	for range n {
		v, ok := q.q.Pop()
		for !ok {
			runtime.Gosched()
			v, ok = q.q.Pop()
		}
		sum += v
	}
	return sum
}

func (q *nanoQueue) Alternate(n int) (sum int) {
	for v := range n {
		q.q.Push(v)
		if v, ok := q.q.Pop(); ok {
			sum += v
		}
	}
	return sum
}
