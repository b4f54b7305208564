package actor

import (
	"context"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/where"
)

// Router stands for several services: each closure goes to the one that is picked for it,
// and from then on to no other. A Router is a Ref, but some functions, such as Watch, need
// one service and refuse it. It may be copied, and used by any number of goroutines at once.
// It is made by Route. A zero Router panics when it is used.
//
// If the picked service refuses the closure, no other is tried: the error is that service's,
// which counts, logs and reports the refusal. See package supervisor/pool for services that
// are made, restarted and stopped together.
type Router[T any] struct{ way *way[T] } // one pointer: as a Ref, it allocates nothing

// way is how a Router picks.
type way[T any] struct {
	pick  func(from *Service[T]) *Service[T]
	asked foreign.Questions
}

// Route returns a Router. pick is called for each closure, and returns the service that gets
// it. It is called on the goroutine that hands the closure over, so on several at once, and
// must not block. from is the service of T whose goroutine that is, or nil if there is none;
// a call to from would be refused, since from would wait for itself. A nil pick panics at
// once, and a pick that returns nil panics when it is used.
//
// If pick panics, the caller that uses the Router panics. A caller that uses it without knowing
// of it, by a Recipient or a topic, gets an error instead: see Recipient.Send.
func Route[T any](pick func(from *Service[T]) *Service[T]) Router[T] {
	misuse.Unless(pick != nil, "actor: Route with a nil function")
	return Router[T]{&way[T]{pick: pick}}
}

func (r Router[T]) router() Router[T] { return r }

// service implements Ref.
func (r Router[T]) service() (*Service[T], where.Origin) {
	misuse.Unless(r.way != nil, "actor: a Router is made by Route")
	var from *Service[T]
	if in := owners.Current(); in != nil {
		from, _ = in.c.self.(*Service[T])
	}
	s := r.way.pick(from)
	misuse.Unless(s != nil, "actor: the function of a Router has picked no service")
	return s, where.Direct
}

// present is what Lookup asks: whether anything is accepted. Who looks knows nothing of the
// function.
func (r Router[T]) present() (State, error) {
	if r.way == nil {
		return Down, nil
	}
	accepts, err := foreign.Ask(&r.way.asked, "pick", func() bool {
		s, _ := r.service()
		_, accepts := s.Load()
		return accepts
	})
	if accepts {
		return Running, nil
	}
	return Down, err
}

// Do is Service.Do, of the service that is picked. A nil f panics.
func (r Router[T]) Do(f func(*T)) error {
	misuse.Unless(f != nil, "actor: Do of a nil closure")
	s, from := r.service()
	if err := s.tryPut(tell[T](f), from); err != nil {
		return s.refuse(tell[T](f), err)
	}
	return nil
}

// DoContext is Service.DoContext, of the service that is picked: it may wait for room
// there. A nil f panics.
func (r Router[T]) DoContext(ctx context.Context, f func(context.Context, *T)) error {
	misuse.Unless(f != nil, "actor: DoContext of a nil closure")
	s, from := r.service()
	return s.doContext(ctx, f, from)
}

// Run is Service.Run, of the service that is picked. A nil f panics.
func (r Router[T]) Run(ctx context.Context, f func(*T) error) error {
	misuse.Unless(f != nil, "actor: Run of a nil closure")
	_, err := do[T, struct{}](ctx, r, errorOnly, f)
	return err
}

// RunContext is Service.RunContext, of the service that is picked. A nil f panics.
func (r Router[T]) RunContext(ctx context.Context, f func(context.Context, *T) error) error {
	misuse.Unless(f != nil, "actor: RunContext of a nil closure")
	_, err := do[T, struct{}](ctx, r, errorContext, f)
	return err
}

// Proxy is a service as the methods of a proxy use it: functions that users call instead of
// Do or Call, such as those that nanogen writes. Errors, crashes and histories then name the
// place where such a method was called, and not a line in the method.
//
//	func (s CounterService) Add(by int) error {
//		return actor.ProxyOf(s.svc).Do(func(c *Counter) { c.Add(by) })
//	}
//
// A Proxy is accepted wherever a service is, and behaves like it. It is made anew in each
// method, and not passed on, because the place is counted from there.
type Proxy[T any] struct{ svc *Service[T] } // one pointer: as a Ref, it allocates nothing

// ProxyOf returns svc, or the service that a Router picks now, for a method of a proxy.
func ProxyOf[T any](svc Ref[T]) Proxy[T] { s, _ := serviceOf(svc); return Proxy[T]{s} }

// throughProxy is the origin of what the method of a proxy hands over.
func throughProxy() where.Origin { return where.Direct.In() }

func (p Proxy[T]) service() (*Service[T], where.Origin) { p.svc.some(); return p.svc, throughProxy() }

// Do is Service.Do. A nil f panics.
func (p Proxy[T]) Do(f func(*T)) error {
	misuse.Unless(f != nil, "actor: Do of a nil closure")
	if err := p.svc.some().tryPut(tell[T](f), throughProxy()); err != nil {
		return p.svc.refuse(tell[T](f), err)
	}
	return nil
}

// DoContext is Service.DoContext. A nil f panics.
func (p Proxy[T]) DoContext(ctx context.Context, f func(context.Context, *T)) error {
	misuse.Unless(f != nil, "actor: DoContext of a nil closure")
	return p.svc.doContext(ctx, f, throughProxy())
}

// Run is Service.Run. A nil f panics.
func (p Proxy[T]) Run(ctx context.Context, f func(*T) error) error {
	misuse.Unless(f != nil, "actor: Run of a nil closure")
	_, err := do[T, struct{}](ctx, p, errorOnly, f)
	return err
}

// RunContext is Service.RunContext. A nil f panics.
func (p Proxy[T]) RunContext(ctx context.Context, f func(context.Context, *T) error) error {
	misuse.Unless(f != nil, "actor: RunContext of a nil closure")
	_, err := do[T, struct{}](ctx, p, errorContext, f)
	return err
}
