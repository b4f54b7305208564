package storm

import (
	"context"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

func (u *worker) do() {
	to, act := u.target(), u.act()
	k := u.ticket("Do", to)
	err := u.accounts.do.one(func(e *entry) error {
		return to.ref.Do(func(s *state) {
			e.begins()
			_ = k.run(s, func() error { return act(nil) })
		})
	})
	u.sent(k, err)
}

func (u *worker) doContext() {
	to, act := u.target(), u.act()
	k := u.ticket("DoContext", to)
	ctx, cancel := u.context()
	defer cancel()
	err := u.accounts.doContext.one(func(e *entry) error {
		return to.ref.DoContext(e.marks(ctx, to), func(ctx context.Context, s *state) {
			e.begins()
			_ = k.run(s, func() error { return act(ctx) })
		})
	})
	u.sent(k, err)
}

// sent is called when Do or DoContext has returned.
func (u *worker) sent(k *ticket, err error) {
	if err != nil {
		u.never(k)
	}
}

// send sends a value. That a service takes nothing is not shown to its hook.
func (u *worker) send() {
	to := one(u, u.mails...)
	u.mail.send(1, func(e *entry) (accepted, refused int64) {
		var err error
		if u.rarely(2) {
			err = to.Send(e)
		} else {
			ctx, cancel := u.context()
			defer cancel()
			err = to.SendContext(ctx, e)
		}
		switch err {
		case nil:
			return 1, 0
		case actor.ErrMailboxFull:
			return 0, 1
		}
		return 0, 0
	})
}

// publish publishes an event, on one of two topics: those who have subscribed to the steady
// one stay.
func (u *worker) publish() {
	ctx, cancel := u.context()
	defer cancel()
	switch u.intN(4) {
	case 0:
		u.topic.Publish(4)
		return
	case 1:
		u.topic.PublishContext(ctx, 4)
		return
	}
	u.published.Add(1)
	u.steady.send(steady, func(e *entry) (accepted, refused int64) {
		if u.rarely(2) {
			return int64(u.news.Publish(e)), 0
		}
		return int64(u.news.PublishContext(ctx, e)), 0
	})
}

// broadcast hands a closure to all members of the pool.
func (u *worker) broadcast() {
	f := u.again("Broadcast")
	u.accounts.broadcast.send(members, func(e *entry) (accepted, refused int64) {
		return int64(u.pool.Broadcast(func(s *state) { e.begins(); f(s) })), 0
	})
}

// pipe has work done beside a service, which is told of the outcome.
func (u *worker) pipe() {
	work, then, to := u.working(), u.called("Pipe"), u.target()
	_ = u.accounts.pipe.one(func(e *entry) error {
		if u.rarely(2) {
			return actor.Pipe(to.ref,
				func(ctx context.Context) (int, error) { return 1, work(ctx) },
				func(s *state, _ int, _ error) { e.begins(); then(s) })
		}
		ctx, cancel := u.context()
		defer cancel()
		return actor.PipeContext(e.marks(ctx, to), to.ref,
			func(ctx context.Context) (int, error) { return 1, work(ctx) },
			func(_ context.Context, s *state, _ int, _ error) { e.begins(); then(s) })
	})
}

// goes has a function run beside a service. If that is accepted it runs.
func (u *worker) goes() {
	work, begun := u.working(), make(chan struct{})
	err := actor.Go(u.target().ref, func(ctx context.Context) error {
		close(begun)
		return work(ctx)
	})
	if err == nil {
		u.later(func() {
			select {
			case <-begun:
			case <-time.After(patience):
				u.t.Error("Go has accepted a function that does not begin")
			}
		})
	}
}

func (u *worker) call() {
	to, act := u.target(), u.act()
	k := u.ticket("Call", to)
	ctx, cancel := u.context()
	defer cancel()
	_, err := actor.Call(ctx, to.ref, func(s *state) (int, error) {
		return 0, k.run(s, func() error { return act(nil) })
	})
	k.answered(err)
}

func (u *worker) callContext() {
	to, act := u.target(), u.act()
	k := u.ticket("CallContext", to)
	ctx, cancel := u.context()
	defer cancel()
	_, err := actor.CallContext(ctx, to.ref, func(ctx context.Context, s *state) (int, error) {
		return 0, k.run(s, func() error { return act(ctx) })
	})
	k.answered(err)
}

func (u *worker) get() {
	to := u.target()
	k := u.ticket("Get", to)
	ctx, cancel := u.context()
	defer cancel()
	_, err := actor.Get(ctx, to.ref, func(s *state) int {
		_ = k.run(s, func() error { return nil })
		return s.sum
	})
	k.answered(err)
}

func (u *worker) run() {
	to, act := u.target(), u.act()
	k := u.ticket("Run", to)
	ctx, cancel := u.context()
	defer cancel()
	k.answered(to.ref.Run(ctx, func(s *state) error {
		return k.run(s, func() error { return act(nil) })
	}))
}

func (u *worker) runContext() {
	to, act := u.target(), u.act()
	k := u.ticket("RunContext", to)
	ctx, cancel := u.context()
	defer cancel()
	k.answered(to.ref.RunContext(ctx, func(ctx context.Context, s *state) error {
		return k.run(s, func() error { return act(ctx) })
	}))
}

func (u *worker) wait() {
	to := u.target()
	k := u.ticket("Wait", to)
	ctx, cancel := u.context()
	defer cancel()
	k.answered(actor.Wait(ctx, to.ref, func(s *state) { _ = k.run(s, func() error { return nil }) }))
}

func (u *worker) async() {
	to, act := u.target(), u.act()
	k := u.ticket("Async", to)
	u.awaits(k, actor.Async(to.ref, func(s *state) (int, error) {
		return 0, k.run(s, func() error { return act(nil) })
	}))
}

func (u *worker) asyncContext() {
	to, act := u.target(), u.act()
	k := u.ticket("AsyncContext", to)
	ctx, cancel := u.context()
	defer cancel()
	u.awaits(k, actor.AsyncContext(ctx, to.ref, func(ctx context.Context, s *state) (int, error) {
		return 0, k.run(s, func() error { return act(ctx) })
	}))
}

func (u *worker) asyncBatched() {
	act := u.act()
	k := u.ticket("AsyncBatched", u.batched)
	ctx, cancel := u.context()
	defer cancel()
	u.awaits(k, actor.AsyncBatched(ctx, u.batched.ref, func(s *state) (int, error) {
		return 0, k.run(s, func() error { return act(nil) })
	}))
}

// awaits waits for the future for a while, and once more when all services have ended: then
// there is an answer.
func (u *worker) awaits(k *ticket, f *actor.Future[int]) {
	ctx, cancel := context.WithTimeout(context.Background(), u.moment())
	defer cancel()
	if _, err := f.Await(ctx); ctx.Err() == nil {
		k.answered(err)
		return
	}
	u.later(func() {
		select {
		case <-f.Done():
			_, err := f.Await(context.Background())
			k.answered(err)
		case <-time.After(patience):
			u.t.Errorf("%s has no answer, and its service has ended", k.what)
		}
	})
}

// callLater is answered by another closure, by a goroutine, twice, or not at all.
func (u *worker) callLater() {
	to, how, act := u.target(), u.intN(5), u.act()
	k := u.ticket("CallLater", to)
	ctx, cancel := u.context()
	defer cancel()
	_, err := actor.CallLater(ctx, to.ref, func(ctx context.Context, s *state, reply actor.Reply[int]) {
		_ = k.run(s, func() error {
			switch how {
			case 0:
				reply.Answer(1, nil)
			case 1:
				go reply.Answer(2, errPlain)
			case 2:
				reply.Answer(3, nil)
				go reply.Answer(4, nil)
			case 3:
				if to.service != nil {
					to.service.After(time.Millisecond, func(*state) { reply.Answer(5, nil) })
				}
			}
			return act(ctx)
		})
	})
	if actor.OutcomeOf(err) == actor.NotRun {
		k.answered(err)
	}
}

func (u *worker) callBatched() {
	to, act := u.batched, u.act()
	k := u.ticket("CallBatched", to)
	ctx, cancel := u.context()
	defer cancel()
	_, err := actor.CallBatched(ctx, to.ref, func(s *state) (int, error) {
		return 0, k.run(s, func() error { return act(nil) })
	})
	k.answered(err)
}

func (u *worker) retry() {
	ctx, cancel := u.context()
	defer cancel()
	to := u.target()
	_, _ = actor.Retry(ctx, 3, u.moment()/4, func(ctx context.Context) (int, error) {
		k := u.ticket("a try", to)
		n, err := actor.Get(ctx, to.ref, func(s *state) int {
			_ = k.run(s, func() error { return nil })
			return 0
		})
		k.answered(err)
		return n, err
	})
}

// nested calls a service from a closure, with the closure's context if it has one.
func (u *worker) nested() func(ctx context.Context) error {
	to, d := u.target(), u.moment()
	k := &ticket{what: "a call by a closure", world: u.world}
	detached := u.rarely(4)
	return func(ctx context.Context) error {
		if ctx == nil {
			ctx = context.Background()
		}
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		if detached {
			ctx = actor.Detach(ctx) // and its time
			ctx, cancel = context.WithTimeout(ctx, d)
			defer cancel()
		}
		done := actor.WaitOutside(ctx, "the storm")
		defer done()
		_, err := actor.CallContext(ctx, to.ref, func(_ context.Context, s *state) (int, error) {
			return 0, k.run(s, func() error { return nil })
		})
		k.answered(err)
		return err
	}
}

func exit(ctx context.Context, err error) {
	if ctx != nil {
		actor.Exit(ctx, err)
	}
}
