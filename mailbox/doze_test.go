package mailbox

import (
	"sync"
	"testing"
	"testing/synctest"
)

// unpublished has the owner fall asleep beside a ticket whose value is not published yet.
func unpublished(t *testing.T, m *Mailbox[int], c *Consumer[int]) (publish func(), woken chan struct{}) {
	put(t, m, 0) // which makes a ring
	takes(t, c, 0)
	publish = interrupt(&m.q, 1)
	woken = sleeps(c)
	if m.q.tail.Load()&tailParked != 0 || !m.Parked() {
		t.Error("the owner does not doze")
	}
	return publish, woken
}

// Whatever comes wakes an owner that dozes, with one token.
func TestL5DozingOwnerIsWoken(t *testing.T) {
	for name, event := range map[string]func(*Mailbox[int]){
		"TryPut": func(m *Mailbox[int]) { m.TryPut(2) },
		"Put":    func(m *Mailbox[int]) { m.Put(t.Context(), 2) },
		"Line":   func(m *Mailbox[int]) { m.Line(2) },
		"Signal": func(m *Mailbox[int]) { m.Signal(1) },
		"Clear":  func(m *Mailbox[int]) { m.Clear(1 << 16) },
		"Close":  func(m *Mailbox[int]) { m.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := New(Options[int]{Capacity: 4})
				_, woken := unpublished(t, m, own(t, m))
				event(m)
				<-woken
				if m.Parked() || len(m.q.wake) != 0 {
					t.Errorf("parked: %t, %d tokens", m.Parked(), len(m.q.wake))
				}
			})
		})
	}
}

// An owner that falls asleep while others wake it receives their token, whichever of its steps
// they come between, and leaves none for the next time.
func TestL5WokenBetweenTwoSteps(t *testing.T) {
	for name, event := range map[string]func(*Mailbox[int]){
		"put":    func(m *Mailbox[int]) { m.TryPut(2) },
		"signal": func(m *Mailbox[int]) { m.Signal(1) },
		"close":  func(m *Mailbox[int]) { m.Close() },
	} {
		for _, doze := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := New(Options[int]{Capacity: 4})
					c := own(t, m)
					put(t, m, 0)
					takes(t, c, 0)
					if doze {
						interrupt(&m.q, 1)
					}
					c.wait(func(m *Mailbox[int], none bool) bool {
						if none == doze {
							t.Errorf("none: %t", none)
						}
						event(m)
						return true
					})
					if m.Parked() || len(m.q.wake) != 0 || m.q.has {
						t.Errorf("parked: %t, %d tokens, a value beside: %t", m.Parked(), len(m.q.wake), m.q.has)
					}
				})
			})
		}
	}
}

// A mailbox that drops its oldest has no tickets that say what has come: its owner looks again.
func TestL5NoLostWakeupOfTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{Capacity: 1, Dropped: func(int) {}})
		c := own(t, m)
		if _, ok := c.Next(); ok {
			t.Fatal("a value in an empty mailbox")
		}
		put(t, m, 1)
		c.Wait() // returns at once
		takes(t, c, 1)
		woken := sleeps(c)
		put(t, m, 2)
		<-woken
		takes(t, c, 2)
	})
}

// While a ring is being replaced, tickets do not say what has been taken: the owner does not
// park beside a value that is to be published in the ring before.
func TestL5NoLostWakeupInAGrowth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options[int]{})
		c := own(t, m)
		for v := range smallRing - 1 {
			put(t, m, v)
		}
		publish := interrupt(&m.q, smallRing-1)
		takes(t, c, 0, 1, 2)

		// The first half of grow, by a producer that was interrupted behind it.
		tail := m.q.tail.Or(tailGrowing) | tailGrowing
		r, ticket := m.q.ring.Load(), tail>>tailShift
		r.next.Store(newRing[int](nil, r.shift, ticket+1, ticket-r.base))
		m.q.ring.Store(r.next.Load())

		woken := sleeps(c)
		publish()
		m.nudge()
		<-woken
		takes(t, c, smallRing-1)
		m.q.grow(tail) // the second half
		put(t, m, smallRing)
		takes(t, c, smallRing)
	})
}

// Of senders who meet at an owner that sleeps one hands over, and the others' values are queued
// behind.
func TestL3OneHandsOver(t *testing.T) {
	const senders = 4
	for range rounds(1000) {
		synctest.Test(t, func(t *testing.T) {
			m := New(Options[int]{})
			c := own(t, m)
			woken := sleeps(c)
			var wg sync.WaitGroup
			for v := range senders {
				wg.Go(func() { m.TryPut(v) })
			}
			wg.Wait()
			<-woken
			sum := 0
			for range senders {
				v, _ := c.Discard()
				sum += v
			}
			if n := m.Counts(); sum != senders*(senders-1)/2 || n.Taken != senders || n.Waiting != 0 {
				t.Fatalf("%+v of sum %d", n, sum)
			}
		})
	}
}
