package actor

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/internal/tree"
)

// restarts is how many restarts a pool puts up with.
type restarts struct {
	max    int
	period time.Duration
}

// WithRestarts says how many restarts of its members, all of them together, a pool
// puts up with within period: with one more its Serve gives up, and its own
// supervisor decides. The default is as many as it has members, and at least 3, in
// 5 s. It has no meaning for a service. A negative n and a period of 0 or less panic.
func WithRestarts(n int, period time.Duration) Option {
	if n < 0 || period <= 0 {
		panic(fmt.Sprintf("actor: WithRestarts(%d, %v): a number that is not negative in a positive time", n, period))
	}
	return func(o *options) { o.restarts = restarts{n, period} }
}

// poolLife is one Serve of a pool. Everything but ctx is guarded by Pool.mu.
type poolLife struct {
	ctx    context.Context // of the members; ends with the context of Serve, or when the pool gives up
	cancel context.CancelCauseFunc

	place    tree.Place // the pool's own; its Ready tells that the pool is up
	up       bool
	starting int // members that have never been up in this life
	serving  int // goroutines
	spent    []time.Time
	err      error
	cut      bool          // nobody is served again
	over     chan struct{} // closed when no goroutine is left, or when the pool is cut off from them
	left     bool          // over is closed
}

// Serve runs the members, each on a goroutine of its own, and waits for their end. It
// is up when all of them are. A member that crashes or ends is restarted at once, and
// keeps its queue; one that was stopped for good (Service.Stop) is left out. If there
// are too many restarts (WithRestarts), or if a member can not be constructed before
// the pool was up, Serve gives up: it ends the others after their current closures and
// returns an error; the queues are kept for the next Serve if a supervisor follows it
// up.
//
// When ctx ends, the members run what they had accepted, for at most the time of
// WithDrainTime or what the pool's supervisor gives it, and Serve returns nil. Like a
// service's, it is normally called by a supervisor, and may be called again.
// ErrServed is returned if the pool is being served already, ErrStopped after Stop.
func (p *Pool[T]) Serve(ctx context.Context) error {
	if ctx == nil {
		panic("actor: Serve with a nil context")
	}
	place, placed := tree.PlaceOf(ctx)
	followed := placed && !place.Direct
	life, err := p.begin(ctx, place)
	if err != nil {
		return err
	}
	unhook := func() bool { return true }
	if !followed {
		unhook = context.AfterFunc(life.ctx, func() {
			timer := time.AfterFunc(p.drain, func() { p.cutOff(life, false) })
			<-life.over
			timer.Stop()
		})
	}
	<-life.over
	unhook()
	p.mu.Lock()
	err = life.err
	p.life, p.err = nil, err
	p.mu.Unlock()
	life.cancel(nil)
	if !followed {
		p.Abandon()
	}
	p.finish()
	return err
}

func (p *Pool[T]) begin(ctx context.Context, place tree.Place) (*poolLife, error) {
	p.made()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.final:
		return nil, fmt.Errorf("actor: %s: Serve: %w", p.path, ErrStopped)
	case p.life != nil:
		return nil, fmt.Errorf("actor: %s: %w", p.path, ErrServed)
	}
	if place.Path != "" {
		p.path = place.Path
	}
	p.err, p.down = nil, false
	life := &poolLife{place: place, over: make(chan struct{})}
	life.ctx, life.cancel = context.WithCancelCause(ctx)
	p.life = life
	all := p.everybody()
	for _, m := range all {
		p.launch(life, m)
	}
	if len(all) == 0 {
		life.end()
	}
	return life, nil
}

// everybody returns all members, also those that are leaving; mu is held.
func (p *Pool[T]) everybody() []*member[T] {
	return append(append([]*member[T]{}, *p.list.Load()...), p.leaving...)
}

// launch starts a goroutine that serves m; mu is held.
func (p *Pool[T]) launch(life *poolLife, m *member[T]) {
	life.serving++
	if m.upIn != life {
		life.starting++
	}
	go p.serve(life, m)
}

// serve serves a member, again and again. A closure may end the goroutine with
// runtime.Goexit; then another one goes on.
func (p *Pool[T]) serve(life *poolLife, m *member[T]) {
	returned := true
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !returned && p.goesOn(life, m, m.svc.Err()) {
			life.serving++
			go p.serve(life, m)
		}
		if life.serving--; life.serving == 0 {
			life.end()
		}
	}()
	place := tree.Place{
		Path:  p.Name() + "/" + strconv.Itoa(m.number),
		Ready: func() { p.memberUp(life, m) },
		// As the pool's own.
		Interceptors: life.place.Interceptors,
		Directory:    life.place.Directory,
	}
	for {
		returned = false
		err := m.svc.Serve(tree.WithPlace(life.ctx, place))
		returned = true
		p.mu.Lock()
		again := p.goesOn(life, m, err)
		p.mu.Unlock()
		if !again {
			if m.svc.over() {
				p.memberUp(life, m) // nobody waits for it any more
			}
			return
		}
	}
}

// memberUp is called when a member is up. With the last one, for the first time, the
// pool is.
func (p *Pool[T]) memberUp(life *poolLife, m *member[T]) {
	p.mu.Lock()
	var ready func()
	if m.upIn != life {
		m.upIn = life
		if life.starting--; life.starting == 0 && !life.up {
			life.up, ready = true, life.place.Ready
		}
	}
	p.mu.Unlock()
	if m.leaving.Load() { // its farewell was lost if it has been down since
		p.bidAgain(m)
	}
	if ready != nil {
		ready()
	}
}

// goesOn decides whether a member whose Serve has ended is served again; mu is held.
func (p *Pool[T]) goesOn(life *poolLife, m *member[T], err error) bool {
	switch {
	case m.svc.over():
		p.leave(m)
		return false
	case life.cut || life.ctx.Err() != nil:
		return false
	case !life.up && m.upIn != life:
		life.giveUp(fmt.Errorf("actor: %s: member %d can not be started: %w", p.path, m.number, failure(err)))
		return false
	case !p.spend(life, time.Now()):
		life.giveUp(fmt.Errorf("actor: %s: %w, the last of member %d: %w", p.path, ErrRestarts, m.number, failure(err)))
		return false
	}
	return true
}

func failure(err error) error {
	if err == nil {
		return errEnded
	}
	return err
}

var errEnded = errors.New("ended by itself")

// spend takes a restart out of the budget; mu is held.
func (p *Pool[T]) spend(life *poolLife, now time.Time) bool {
	b := p.budget
	if b.period == 0 {
		b = restarts{max(3, p.Size()), 5 * time.Second}
	}
	first := 0
	for first < len(life.spent) && now.Sub(life.spent[first]) > b.period {
		first++
	}
	life.spent = append(life.spent[first:], now)
	return len(life.spent) <= b.max
}

// giveUp ends the others after their current closures; Pool.mu is held.
func (l *poolLife) giveUp(err error) {
	if l.err == nil {
		l.err = err
		l.cancel(Restart)
	}
}

// end lets Serve return; Pool.mu is held.
func (l *poolLife) end() {
	if !l.left {
		l.left = true
		close(l.over)
	}
}

// SignalsReady implements Readier: a pool is up when its members are.
func (p *Pool[T]) SignalsReady() bool { return true }

// Abandon implements Abandoner. It is for supervisors.
func (p *Pool[T]) Abandon() {
	p.mu.Lock()
	all := p.everybody()
	p.down = p.life == nil
	p.mu.Unlock()
	for _, m := range all {
		m.svc.Abandon()
	}
}

// CutOff implements CutOffer. It is for supervisors.
func (p *Pool[T]) CutOff(goOn bool) (running string) {
	p.mu.Lock()
	life := p.life
	p.mu.Unlock()
	return p.cutOff(life, goOn)
}

func (p *Pool[T]) cutOff(life *poolLife, goOn bool) (running string) {
	p.mu.Lock()
	if life == nil || p.life != life {
		p.mu.Unlock()
		return ""
	}
	life.cut = true
	all := p.everybody()
	p.mu.Unlock()
	var still []string
	for _, m := range all {
		if s := m.svc.CutOff(goOn); s != "" {
			still = append(still, s)
		}
	}
	p.mu.Lock()
	life.end()
	p.mu.Unlock()
	return strings.Join(still, ", ")
}
