package actor_test

import (
	"context"
	"log/slog"
	"os"

	"github.com/bruskajp/nano_services/actor"
)

// Password is a part of a value that nobody is to see.
type Password string

// LogValue implements slog.LogValuer.
func (Password) LogValue() slog.Value { return slog.StringValue("(hidden)") }

// Login is the value of a service.
type Login struct {
	User     string
	password Password
	visits   int
}

// How do I see the value of a service without its secrets?
func ExampleService_Show() {
	ctx := context.Background()
	login := actor.Start(&Login{User: "ada", password: "lovelace"})
	login.Do(func(s *Login) { s.visits++ })
	actor.Get(ctx, login, func(s *Login) int { return s.visits }) // has run

	value, err := login.Show(ctx) // of a copy: LogValue cannot harm the service

	noTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	slog.New(slog.NewTextHandler(os.Stdout, noTime)).Info("login", "value", value, "err", err)

	login.Stop(ctx)
	// Output:
	// level=INFO msg=login value.User=ada value.password=(hidden) value.visits=1 err=<nil>
}
