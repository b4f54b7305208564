package actor

import "context"

// Proxy is a service as the methods of a proxy use it, those of nanogen and others
// like them: functions that users call instead of Do or Call. What errors, crashes and
// histories name as the place of a call is where such a method was called, and not a
// line in the method.
//
//	func (s CounterService) Add(by int) error {
//		return actor.ProxyOf(s.svc).Do(func(c *Counter) { c.Add(by) })
//	}
//
// It is accepted wherever a service is, and is otherwise the same. It is made anew in
// each method, and not passed on: the place is counted from there.
type Proxy[T any] struct{ svc *Service[T] } // one pointer: as a Ref, it allocates nothing

// ProxyOf returns svc, or the service that a Router picks now, for a method of a proxy.
func ProxyOf[T any](svc Ref[T]) Proxy[T] { s, _ := serviceOf(svc); return Proxy[T]{s} }

// throughProxy is the origin of what the method of a proxy hands over.
func throughProxy() origin { return origin{depth: 1} }

func (p Proxy[T]) service() (*Service[T], origin) { p.svc.some(); return p.svc, throughProxy() }

// Do is Service.Do. A nil f panics.
func (p Proxy[T]) Do(f func(*T)) error {
	must(f != nil, "actor: Do of a nil closure")
	if err := p.svc.some().tryPut(tell[T](f), throughProxy()); err != nil {
		return p.svc.refuse(tell[T](f), err)
	}
	return nil
}

// DoContext is Service.DoContext. A nil f panics.
func (p Proxy[T]) DoContext(ctx context.Context, f func(context.Context, *T)) error {
	must(f != nil, "actor: DoContext of a nil closure")
	return p.svc.doContext(ctx, f, throughProxy())
}

// Run is Service.Run. A nil f panics.
func (p Proxy[T]) Run(ctx context.Context, f func(*T) error) error {
	must(f != nil, "actor: Run of a nil closure")
	_, err := do[T, struct{}](ctx, p, errorOnly, f)
	return err
}

// RunContext is Service.RunContext. A nil f panics.
func (p Proxy[T]) RunContext(ctx context.Context, f func(context.Context, *T) error) error {
	must(f != nil, "actor: RunContext of a nil closure")
	_, err := do[T, struct{}](ctx, p, errorContext, f)
	return err
}
