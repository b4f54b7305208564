package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// How does a function say that it is up?
func ExampleReady() {
	var addr net.Addr
	echo := func(ctx context.Context) error {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer ln.Close()
		addr = ln.Addr()
		supervisor.Ready(ctx) // the next child is started, or Start returns
		<-ctx.Done()
		return nil
	}
	tree := supervisor.New("tree", supervisor.Spec{Children: []supervisor.Child{
		{Name: "echo", Service: supervisor.Func(echo), AwaitReady: true, StartTimeout: time.Minute},
	}})
	fmt.Println(tree.Start(context.Background()), addr != nil)
	fmt.Println(tree.Stop(context.Background()))
	// Output:
	// <nil> true
	// <nil>
}

// What is left when a child can not be started?
func ExampleStartError() {
	db := supervisor.Func(func(ctx context.Context) error {
		supervisor.Ready(ctx)
		<-ctx.Done()
		fmt.Println("db ends")
		return nil
	})
	web := supervisor.Func(func(ctx context.Context) error { return errors.New("port in use") })
	tree := supervisor.New("tree", supervisor.Spec{
		Logger: slog.New(slog.DiscardHandler),
		Children: []supervisor.Child{
			{Name: "db", Service: db, AwaitReady: true},
			{Name: "web", Service: web, AwaitReady: true},
		},
	})
	fmt.Println(tree.Start(context.Background()))
	// Output:
	// db ends
	// supervisor: start of tree/web: port in use
}

// How does a child know how much time it has left when it is told to end?
func ExampleShutdownTime() {
	flush := func(ctx context.Context) error {
		<-ctx.Done()
		rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), supervisor.ShutdownTime(ctx))
		defer cancel()
		_, limited := rest.Deadline()
		fmt.Println(supervisor.ShutdownTime(ctx), limited, rest.Err())
		return nil
	}
	tree := supervisor.New("tree", supervisor.Spec{Children: []supervisor.Child{
		{Name: "flush", Service: supervisor.Func(flush), Shutdown: 20 * time.Second},
	}})
	fmt.Println(tree.Start(context.Background()))
	fmt.Println(tree.Stop(context.Background()))
	// Output:
	// <nil>
	// 20s true <nil>
	// <nil>
}
