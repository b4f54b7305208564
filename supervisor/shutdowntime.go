package supervisor

import (
	"context"
	"time"
)

// limitKey is the key of the *child whose Serve a context is of.
type limitKey struct{}

// ShutdownTime returns how long the child whose context of Serve is ctx may take to
// end once ctx has ended: its Child.Shutdown, or Forever, or AtOnce, or the default
// if it has none. The tree may be in a greater hurry (Spec.Shutdown, Stop). For
// any other context it is DefaultShutdown. It is for children that have something
// to finish:
//
//	<-ctx.Done()
//	rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), supervisor.ShutdownTime(ctx))
func ShutdownTime(ctx context.Context) time.Duration {
	if ctx == nil {
		panic("supervisor: ShutdownTime with a nil context")
	}
	if c, ok := ctx.Value(limitKey{}).(*child); ok {
		return c.limit()
	}
	return DefaultShutdown
}

// limit returns how long the child may take to end.
func (c *child) limit() time.Duration {
	if c.spec.Shutdown != 0 {
		return c.spec.Shutdown
	}
	if supervisorOf(c.spec.Service) != nil {
		return Forever
	}
	return DefaultShutdown
}
