// Package aside has what takes long done beside a service, or at once where there is
// none: so a struct is the same with and without its service around it.
package aside

import (
	"context"

	"github.com/bruskajp/nano_services/actor"
)

// Run has f run beside the service that ctx, the constructor's, belongs to, and then
// has the service go on with what came of it. If state is no service's, that is done
// before Run returns. A service that is about to end does neither.
func Run[T, R any](ctx context.Context, state *T, f func(context.Context) (R, error), then func(*T, R, error)) {
	if self := actor.Self[T](ctx); self != nil {
		_ = actor.Pipe(self, f, then) // refused only at the end
		return
	}
	r, err := f(ctx)
	then(state, r, err)
}

// Fail ends the incarnation that ctx belongs to. A struct that is no service's has
// nothing that could begin anew, and panics.
func Fail[T any](ctx context.Context, state *T, err error) {
	if actor.Self[T](ctx) == nil {
		panic(err)
	}
	actor.Exit(ctx, err)
}
