package checks

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/bruskajp/nano_services/mailbox"
)

// The operations of a history.
type kind int

const (
	put  kind = iota // outcome: the error
	next             // outcome: the value, if any
	end              // Close
	reopen
)

type input struct {
	kind  kind
	value byte // put
}

type output struct {
	err   error // put
	value byte  // next
	ok    bool
}

// state is the queue that the history is checked against.
type state struct {
	closed bool
	queue  string // a value is a byte
}

// model is a queue of a capacity (0: any) with an end.
func model(capacity int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return state{} },
		Step: func(from, in, out any) (bool, any) {
			s, i, o := from.(state), in.(input), out.(output)
			switch i.kind {
			case put:
				full := capacity > 0 && len(s.queue) == capacity
				switch {
				case s.closed:
					return o.err == mailbox.ErrClosed, s
				case full:
					return o.err == mailbox.ErrFull, s
				}
				s.queue += string([]byte{i.value})
				return o.err == nil, s
			case next:
				if s.queue == "" {
					return !o.ok, s
				}
				v := s.queue[0]
				s.queue = s.queue[1:]
				return o.ok && o.value == v, s
			case end:
				s.closed = true
			case reopen:
				s.closed = false
			}
			return true, s
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprint(in, out) },
	}
}

// history records operations with the times of a counter: one that returned
// before another was called has the smaller numbers.
type history struct {
	clock   atomic.Int64
	mu      sync.Mutex
	entries []porcupine.Operation
}

func (h *history) do(client int, in input, op func() output) output {
	call := h.clock.Add(1)
	out := op()
	ret := h.clock.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: ret})
	return out
}

// operations leaves out what the mailbox does not promise: a producer that is
// in the middle of a push hides what lies behind its value, so a Next beside a
// push may find nothing although another push has returned.
func (h *history) operations() (ops []porcupine.Operation) {
	for _, e := range h.entries {
		if e.Input.(input).kind == next && !e.Output.(output).ok && h.besidePut(e) {
			continue
		}
		ops = append(ops, e)
	}
	return ops
}

func (h *history) besidePut(e porcupine.Operation) bool {
	for _, p := range h.entries {
		if p.Input.(input).kind == put && p.Call < e.Return && e.Call < p.Return {
			return true
		}
	}
	return false
}

// tested is what the histories are made with.
type tested struct {
	put           func(byte) error
	next          func() (byte, bool)
	close, reopen func() // nil: never
}

// check makes many short histories and checks each.
func check(t *testing.T, capacity int, start func() tested) {
	const producers, per = 3, 12
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for round := range rounds {
		x, h := start(), new(history)
		begin := make(chan struct{})
		var wg sync.WaitGroup
		for p := range producers {
			wg.Go(func() {
				<-begin
				for i := range per {
					in := input{put, byte(p*per + i)}
					h.do(p, in, func() output { return output{err: x.put(in.value)} })
					if (i+round)%4 == p {
						runtime.Gosched()
					}
				}
			})
		}
		take := func() bool {
			return h.do(producers, input{kind: next}, func() output {
				v, ok := x.next()
				return output{value: v, ok: ok}
			}).ok
		}
		wg.Go(func() {
			<-begin
			for i := range producers * per {
				take()
				if i%3 == round%3 {
					runtime.Gosched()
				}
			}
		})
		if x.close != nil {
			wg.Go(func() {
				<-begin
				for range round % 8 {
					runtime.Gosched()
				}
				h.do(producers+1, input{kind: end}, func() output { x.close(); return output{} })
				if round%2 == 0 {
					h.do(producers+1, input{kind: reopen}, func() output { x.reopen(); return output{} })
				}
			})
		}
		close(begin)
		wg.Wait()
		for take() { // the rest, and that there is no more
		}
		switch porcupine.CheckOperationsTimeout(model(capacity), h.operations(), 20*time.Second) {
		case porcupine.Illegal:
			t.Fatalf("round %d is no history of a queue: %+v", round, h.entries)
		case porcupine.Unknown:
			t.Logf("round %d: the search took too long", round)
		}
	}
}

func TestQueueIsLinearizable(t *testing.T) {
	check(t, 0, func() tested {
		var q mailbox.Queue[byte]
		return tested{
			put:  func(v byte) error { q.Push(v); return nil },
			next: q.Pop,
		}
	})
}

func TestMailboxIsLinearizable(t *testing.T) {
	for _, capacity := range []int{0, 1, 3, 20} {
		t.Run(fmt.Sprintf("capacity=%d", capacity), func(t *testing.T) {
			check(t, capacity, func() tested {
				m := mailbox.New(mailbox.Options[byte]{Capacity: capacity})
				c, _ := m.Acquire()
				return tested{
					put: m.TryPut,
					next: func() (byte, bool) {
						v, ok := c.Next()
						if ok {
							c.Done()
						}
						return v, ok
					},
					close:  m.Close,
					reopen: m.Open,
				}
			})
		})
	}
}

// The checker itself: a history with two values the wrong way round is refused.
func TestCheckerRefusesTheWrongOrder(t *testing.T) {
	h := new(history)
	for i, v := range []byte{1, 2} {
		h.do(i, input{put, v}, func() output { return output{} })
	}
	for _, v := range []byte{2, 1} {
		h.do(2, input{kind: next}, func() output { return output{value: v, ok: true} })
	}
	if porcupine.CheckOperations(model(0), h.operations()) {
		t.Error("the wrong order passed")
	}
}
