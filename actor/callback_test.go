package actor

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/internal/where"
)

// TestCallbackTable goes through the table above callback: each kind of callback, in each
// state, at each event.
func TestCallbackTable(t *testing.T) {
	kinds := map[string]struct {
		make    func(w *callbackWorld, in *incarnation, f func()) (*callback, staged)
		service bool // may belong to the service
		once    bool
		drains  bool
		sender  bool // has handed it over: it is not the service's own
	}{
		"After":     {make: afterOf(0, 0), once: true, drains: true},
		"Every":     {make: afterOf(1, 0), drains: true},
		"WhenIdle":  {make: afterOf(0, 1), drains: true},
		"notice":    {make: noticeOf, service: true},
		"outcome":   {make: outcomeOf, once: true},
		"Recipient": {make: deliveryOf, service: true, sender: true},
	}
	type result struct {
		ran     bool
		skipped bool
		dead    error // nil: it is none
		state   uint32
	}
	const live, cancelled, over = callbackLive, callbackCancelled, callbackOver
	for name, kind := range kinds {
		for _, ofService := range []bool{false, true} {
			if ofService && !kind.service {
				continue
			}
			after := live // its turn
			if kind.once {
				after = over
			}
			drained := result{ran: true, state: after}
			if kind.drains {
				drained = result{dead: ErrStopped, state: live}
			}
			other := result{dead: ErrRestarted, state: live}
			ended := result{dead: ErrStopped, state: over} // its own incarnation's turn
			if ofService {
				other = result{ran: true, state: live}
			}
			if ofService || name == "Recipient" { // which does not know its incarnation, but for its end
				ended.dead = ErrRestarted
			}
			if name == "Recipient" && !ofService {
				other = result{ran: true, state: live} // cannot be: its end comes first
			}
			skipped := result{skipped: true, state: cancelled}
			for _, row := range []struct {
				state uint32
				event string
				want  result
			}{
				{live, "turn", result{ran: true, state: after}},
				{live, "turn of another incarnation", other},
				{live, "turn while draining", drained},
				{live, "dropped", result{dead: ErrMailboxFull, state: after}},
				{live, "cancel", result{state: cancelled}},
				{live, "end", result{state: over}},
				{cancelled, "turn", skipped},
				{cancelled, "turn of another incarnation", skipped},
				{cancelled, "turn while draining", skipped},
				{cancelled, "dropped", skipped},
				{cancelled, "cancel", result{state: cancelled}},
				{cancelled, "end", result{state: cancelled}},
				{over, "turn", ended},
				{over, "turn of another incarnation", result{dead: ErrRestarted, state: over}},
				{over, "turn while draining", ended},
				{over, "dropped", result{dead: ErrMailboxFull, state: over}},
				{over, "cancel", result{state: over}},
				{over, "end", result{state: over}},
			} {
				t.Run(fmt.Sprintf("%s/service=%t/%d/%s", name, ofService, row.state, row.event), func(t *testing.T) {
					w := newCallbackWorld()
					defer w.close()
					var got result
					in := w.first
					if ofService {
						in = nil
					}
					b, j := kind.make(w, in, func() { got.ran = true })
					if j.ofItself() == kind.sender {
						t.Errorf("of itself: %t", j.ofItself())
					}
					b.state.Store(row.state)
					switch row.event {
					case "turn":
						j.run(w.first)
					case "turn of another incarnation":
						j.run(w.second)
					case "turn while draining":
						w.s.box.Close()
						j.run(w.first)
					case "dropped":
						w.s.drop(j, ErrMailboxFull)
					case "cancel":
						if b.cancel() != (row.state == live) {
							t.Error("cancel reports the opposite")
						}
					case "end":
						if b.finish() != (row.state == live) {
							t.Error("finish reports the opposite")
						}
					}
					got.state = b.state.Load()
					got.skipped = w.s.skipped.Load() == 1
					got.dead = w.dead
					if got.ran != row.want.ran || got.skipped != row.want.skipped || got.state != row.want.state || !errors.Is(got.dead, row.want.dead) {
						t.Errorf("%+v: want %+v", got, row.want)
					}
					if n := w.s.dead.Load(); (n == 1) != (got.dead != nil) {
						t.Errorf("%d dead letters", n)
					}
				})
			}
		}
	}
}

// callbackWorld is a service that is not served, and two incarnations to hold turns with.
type callbackWorld struct {
	s             *Service[struct{}]
	first, second *incarnation
	dead          error
}

func newCallbackWorld() *callbackWorld {
	w := &callbackWorld{}
	w.s = New(func(context.Context) (*struct{}, error) { return &struct{}{}, nil },
		WithDeadLetters(func(d DeadLetter) { w.dead = d.Reason }))
	w.first = &incarnation{c: &w.s.core, state: &struct{}{}}
	w.second = &incarnation{c: &w.s.core, state: &struct{}{}}
	return w
}

func (w *callbackWorld) close() { w.s.Kill() }

func afterOf(every, idle int) func(w *callbackWorld, in *incarnation, f func()) (*callback, staged) {
	return func(_ *callbackWorld, in *incarnation, f func()) (*callback, staged) {
		t := timerOf(func(*struct{}) { f() })
		t.every, t.idle = time.Duration(every)*time.Hour, time.Duration(idle)*time.Hour
		t.start(in, time.Hour)
		t.halt()
		t.quiet = in.activity() - 1 // the tick is no activity, and counted at its turn
		return &t.callback, t
	}
}

func noticeOf(w *callbackWorld, in *incarnation, f func()) (*callback, staged) {
	n := &notice{watch: &watch{target: &w.s.core, by: &w.s.core, f: func(any, DownNotice) { f() }}}
	n.live(where.Entry(f))
	if n.in = in; in != nil {
		n.element = in.own(n)
	}
	return &n.callback, n
}

func outcomeOf(_ *callbackWorld, in *incarnation, f func()) (*callback, staged) {
	p := &piped[struct{}, int]{then: func(*struct{}, int, error) { f() }}
	p.in, p.once = in, true
	p.live(where.Entry(f))
	return &p.callback, p
}

func deliveryOf(w *callbackWorld, in *incarnation, f func()) (*callback, staged) {
	r, err := NewRecipient(w.s, func(*struct{}, int) { f() })
	if err != nil {
		panic(err)
	}
	if in != nil {
		r.owner, r.element = in, in.own(r)
	}
	return &r.callback, r.delivery(1)
}
