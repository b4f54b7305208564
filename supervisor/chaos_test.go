package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A tree of three levels under load, while services crash at random: whatever
// happens, every closure is accounted for and every call has one outcome.

const (
	chaosGroups, chaosTeams, chaosMembers = 5, 6, 7 // 210 services
	chaosSenders                          = 8
)

// patience is how long a service has to end. It is more than enough unless it hangs.
const patience = time.Minute

// chaos is the tree and what happened in it.
type chaos struct {
	t       *testing.T
	root    *supervisor.Supervisor
	members []*member
	armed   atomic.Bool // constructors may fail
	hangs   bool        // closures may take longer than their services have to end
	kinds   [6]atomic.Int64
	results sync.Map // actor.Outcome -> *atomic.Int64
}

// member is a service of the tree, and how often its closures began and died.
type member struct {
	svc         *actor.Service[number]
	began, dead atomic.Uint64
}

// newChaos makes a tree. The teams, and the groups above them, give up after few
// restarts, so that failures climb; the root never does.
func newChaos(t *testing.T, seed uint64) *chaos {
	x := &chaos{t: t}
	root := supervisor.Spec{MaxRestarts: supervisor.Unlimited, Logger: quiet, OnEvent: x.event}
	strategies := []supervisor.Strategy{supervisor.OneForOne, supervisor.OneForAll, supervisor.RestForOne}
	for g := range chaosGroups {
		group := supervisor.Spec{MaxRestarts: 2, Period: 50 * time.Millisecond, Strategy: strategies[g%3]}
		for k := range chaosTeams {
			team := supervisor.Spec{MaxRestarts: 3, Period: 100 * time.Millisecond, Strategy: strategies[k%3]}
			if k == chaosTeams-1 {
				team.MaxRestarts = supervisor.Unlimited
			}
			for i := range chaosMembers {
				m := x.member(seed, i)
				c := supervisor.Child{Name: fmt.Sprint("s", i), Service: m.svc, Shutdown: patience}
				if i == 0 {
					c.Backoff = &supervisor.Backoff{Min: time.Millisecond, Max: 3 * time.Millisecond}
				}
				team.Children = append(team.Children, c)
			}
			s := supervisor.New(fmt.Sprint("team", k), team)
			group.Children = append(group.Children, supervisor.Child{Service: s})
		}
		s := supervisor.New(fmt.Sprint("group", g), group)
		root.Children = append(root.Children, supervisor.Child{Service: s})
	}
	x.root = supervisor.New("root", root)
	return x
}

// member makes a service whose constructor fails now and then, and which is bounded
// or loses its queue when it is restarted, according to its place.
func (x *chaos) member(seed uint64, i int) *member {
	m := new(member)
	opts := []actor.Option{actor.WithLogger(quiet), actor.WithDeadLetters(func(d actor.DeadLetter) {
		if !d.Refused {
			m.dead.Add(1)
		}
	})}
	switch i {
	case 1:
		opts = append(opts, actor.WithCapacity(4))
	case 2:
		opts = append(opts, actor.WithCapacity(4), actor.WithOverflow(actor.DropOldest))
	case 3:
		opts = append(opts, actor.WithQueuePolicy(actor.FailQueue))
	}
	random := rand.New(rand.NewPCG(seed, uint64(len(x.members)))) // the service's own
	m.svc = actor.New(func(context.Context) (*number, error) {
		if x.armed.Load() && random.IntN(200) == 0 {
			return nil, errCrash
		}
		return new(number), nil
	}, opts...)
	x.members = append(x.members, m)
	return m
}

func (x *chaos) event(e supervisor.Event) { x.kinds[e.Kind].Add(1) }

// ticket is one closure: how often it began, and whether that agrees with what its
// sender was told.
type ticket struct {
	began atomic.Int32
	told  actor.Outcome
	call  bool
}

func (k *ticket) begin(m *member) {
	k.began.Add(1)
	m.began.Add(1)
}

func (k *ticket) wrong() bool {
	n := k.began.Load()
	switch {
	case k.told == actor.NotRun:
		return n != 0
	case !k.call || k.told == actor.Unknown: // it may be a dead letter
		return n > 1
	}
	return n != 1
}

// send does so many things, one after the other, and checks their tickets.
func (x *chaos) send(random *rand.Rand, n int) (tickets []*ticket) {
	for range n {
		k, m := new(ticket), x.members[random.IntN(len(x.members))]
		switch random.IntN(5) {
		case 0, 1:
			err := m.svc.Do(func(*number) { k.begin(m) })
			k.told = actor.OutcomeOf(err)
		case 2:
			_, err := actor.Call(context.Background(), m.svc, func(n *number) (int, error) { k.begin(m); return n.next(), nil })
			k.call, k.told = true, actor.OutcomeOf(err)
		case 3: // a caller that is in a hurry
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.IntN(500))*time.Microsecond)
			err := m.svc.RunContext(ctx, func(context.Context, *number) error { k.begin(m); return errCrash })
			k.call, k.told = true, actor.OutcomeOf(err)
			cancel()
		case 4:
			f := actor.Async(m.svc, func(n *number) (int, error) { k.begin(m); return n.next(), nil })
			_, err := f.Await(context.Background())
			k.call, k.told = true, actor.OutcomeOf(err)
		}
		counter, _ := x.results.LoadOrStore(k.told, new(atomic.Int64))
		counter.(*atomic.Int64).Add(1)
		tickets = append(tickets, k)
		time.Sleep(time.Duration(random.IntN(50)) * time.Microsecond)
	}
	return tickets
}

// crash crashes n random services, one after the other, and then on and on those of one
// team, until a supervisor has given up: on a busy machine n take longer than its period.
func (x *chaos) crash(random *rand.Rand, n int) (tickets []*ticket) {
	for i := 0; i < n || x.kinds[supervisor.GaveUp].Load() == 0; i++ {
		k, m := new(ticket), x.members[random.IntN(len(x.members))]
		if i >= n {
			m = x.members[i%chaosMembers]
		}
		var err error
		way := random.IntN(4)
		if x.hangs && random.IntN(10) == 0 {
			way = 4
		}
		switch way {
		case 0:
			err = m.svc.Do(func(*number) { k.begin(m); panic(errCrash) })
		case 1:
			err = m.svc.Do(func(*number) { k.begin(m); runtime.Goexit() })
		case 2:
			err = m.svc.DoContext(context.Background(), func(ctx context.Context, _ *number) { k.begin(m); actor.Exit(ctx, errCrash) })
		case 3:
			k.call = true
			err = m.svc.Run(context.Background(), func(*number) error { k.begin(m); panic(errCrash) })
		case 4:
			err = m.svc.Do(func(*number) { k.begin(m); time.Sleep(3 * patience / 2) })
		}
		k.told = actor.OutcomeOf(err)
		if k.call && k.told != actor.Crashed && k.told != actor.NotRun {
			x.t.Errorf("a call that panics: %v", err)
		}
		tickets = append(tickets, k)
		time.Sleep(time.Duration(random.IntN(300)) * time.Microsecond)
	}
	return tickets
}

// run runs it all and checks the accounts.
func (x *chaos) run(seed uint64, sends, crashes int) {
	start(x.t, x.root)
	x.armed.Store(true)
	all := make([][]*ticket, chaosSenders+1)
	var wg sync.WaitGroup
	for i := range all {
		random := rand.New(rand.NewPCG(seed, uint64(1000+i)))
		wg.Go(func() {
			if i == chaosSenders {
				all[i] = x.crash(random, crashes)
			} else {
				all[i] = x.send(random, sends)
			}
		})
	}
	wg.Wait()
	x.armed.Store(false)
	var stuck *supervisor.StuckError
	if err := x.root.Stop(context.Background()); err != nil && !(x.hangs && errors.As(err, &stuck)) {
		x.t.Errorf("Stop = %v", err)
	}
	if x.hangs {
		time.Sleep(2 * patience) // those that were cut off end
	}
	for _, tickets := range all {
		for _, k := range tickets {
			if k.wrong() {
				x.t.Errorf("a closure began %d times, its sender was told %v (a call: %t)", k.began.Load(), k.told, k.call)
			}
		}
	}
	x.accounts()
}

// accounts checks the numbers of each service.
func (x *chaos) accounts() {
	var accepted, born uint64
	for _, m := range x.members {
		i := m.svc.Info()
		if i.Accepted != i.Executed+i.Dead+i.Skipped || i.Queued != 0 || i.Running != 0 || i.State != actor.Down {
			x.t.Errorf("%+v", i)
		}
		if i.Executed != m.began.Load() || i.Dead != m.dead.Load() {
			x.t.Errorf("%+v, but %d ran, and %d dead letters", i, m.began.Load(), m.dead.Load())
		}
		if err := m.svc.Do(func(*number) {}); !errors.Is(err, actor.ErrStopped) {
			x.t.Errorf("Do after the end = %v", err)
		}
		accepted += i.Accepted
		born += i.Incarnation
	}
	x.t.Logf("%d services, %d incarnations, %d closures accepted", len(x.members), born, accepted)
	for k := range x.kinds {
		x.t.Logf("%v: %d", supervisor.Kind(k), x.kinds[k].Load())
	}
	x.results.Range(func(k, v any) bool { x.t.Logf("%v: %d", k, v.(*atomic.Int64).Load()); return true })
}

func TestSUPChaosInVirtualTime(t *testing.T) {
	for seed := range uint64(3) {
		synctest.Test(t, func(t *testing.T) { newChaos(t, seed).run(seed, 400, 400) })
	}
}

// The same with closures that hang, and are cut off when their services are to be
// restarted or stopped.
func TestSUPChaosWithCutOffs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newChaos(t, 7)
		x.hangs = true
		x.run(7, 400, 400)
		if x.kinds[supervisor.CutOff].Load() == 0 {
			t.Error("nothing was cut off: the test shows little")
		}
	})
}

func TestSUPChaosInRealTime(t *testing.T) {
	newChaos(t, 1).run(1, 400, 400)
}
