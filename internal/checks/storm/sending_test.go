package storm

import (
	"context"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// The names of the closures of Do and DoContext begin so: their dead letters are counted.
const (
	sentByDo        = "storm.(*worker).do"
	sentByDoContext = "storm.(*worker).doContext"
)

func (u *worker) do() {
	to, act := u.target(), u.act()
	k := u.ticket("Do", to)
	u.unknown.Add(1)
	err := to.ref.Do(func(s *state) {
		u.begun.Add(1)
		_ = k.run(s, func() error { return act(nil) })
	})
	if u.sent(k, err); err != nil {
		u.refused.Add(1)
	}
}

func (u *worker) doContext() {
	to, act := u.target(), u.act()
	k := u.ticket("DoContext", to)
	ctx, cancel := u.context()
	defer cancel()
	u.unknown.Add(1)
	u.sent(k, to.ref.DoContext(ctx, func(ctx context.Context, s *state) {
		u.begun.Add(1)
		_ = k.run(s, func() error { return act(ctx) })
	}))
}

// sent is called when Do or DoContext has returned.
func (u *worker) sent(k *ticket, err error) {
	u.unknown.Add(-1)
	if err == nil {
		u.accepted.Add(1)
	} else {
		u.never(k)
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

// async awaits the future for a while, and once more when all services have ended.
func (u *worker) async() {
	to, act := u.target(), u.act()
	k := u.ticket("Async", to)
	f := actor.Async(to.ref, func(s *state) (int, error) {
		return 0, k.run(s, func() error { return act(nil) })
	})
	ctx, cancel := context.WithTimeout(context.Background(), u.moment())
	defer cancel()
	if _, err := f.Await(ctx); ctx.Err() == nil {
		k.answered(err)
	} else if len(u.futures) < 10_000 {
		u.futures = append(u.futures, func() {
			_, err := f.Await(context.Background())
			k.answered(err)
		})
	}
}

// callLater is answered by another closure, by a goroutine, twice, or not at all.
func (u *worker) callLater() {
	to, how, act := u.target(), u.rand.IntN(5), u.act()
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
	return func(ctx context.Context) error {
		if ctx == nil {
			ctx = context.Background()
		}
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
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
