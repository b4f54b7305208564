package actor_test

import (
	"context"
	"log/slog"
	"os"

	"github.com/bruskajp/nano_services/actor"
)

// Login is the value of a service.
type Login struct {
	user     string
	password string
	visits   int
}

// LogValue implements slog.LogValuer: it says what may be seen.
func (l *Login) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user", l.user), slog.Int("visits", l.visits))
}

// How do I see the value of a service without its secrets?
func ExampleService_Show() {
	ctx := context.Background()
	login := actor.Start(&Login{user: "ada", password: "lovelace"})
	login.Do(func(s *Login) { s.visits++ })
	actor.Get(ctx, login, func(s *Login) int { return s.visits }) // has run

	value, err := login.Show(ctx) // between two closures

	noTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	slog.New(slog.NewTextHandler(os.Stdout, noTime)).Info("login", "value", value, "err", err)

	login.Stop(ctx)
	// Output:
	// level=INFO msg=login value.user=ada value.visits=1 err=<nil>
}
