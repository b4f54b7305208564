package supervisor_test

import (
	"context"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// BenchmarkRestart is the time from a panic to the next answered call of the same
// handle. Compare it with BenchmarkRestartBare in the same run.
func BenchmarkRestart(b *testing.B) {
	svc := service("svc")
	root := supervisor.New("root", supervisor.Spec{
		Logger: quiet, MaxRestarts: supervisor.Unlimited, Children: []supervisor.Child{{Service: svc}},
	})
	start(b, root)
	ctx := context.Background()
	crash := func(*number) { panic(errCrash) }
	b.ReportAllocs()
	for b.Loop() {
		if err := svc.Do(crash); err != nil {
			b.Fatal(err)
		}
		if n, err := actor.Get(ctx, svc, (*number).next); n != 1 || err != nil {
			b.Fatal(n, err)
		}
	}
	stop(b, root)
}

// BenchmarkRestartBare is the least that has to be done: a loop that recovers,
// around a channel of functions.
func BenchmarkRestartBare(b *testing.B) {
	closures := make(chan func(*number))
	life := func() {
		defer func() { _ = recover() }()
		n := new(number)
		for f := range closures {
			f(n)
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range b.N + 1 {
			life()
		}
	}()
	answer := make(chan int, 1)
	crash := func(*number) { panic(errCrash) }
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		closures <- crash
		closures <- func(n *number) { answer <- n.next() }
		if n := <-answer; n != 1 {
			b.Fatal(n)
		}
	}
	close(closures)
	<-ended
}

// BenchmarkCall is a call of a service that is supervised, and of one that is not.
func BenchmarkCall(b *testing.B) {
	call := func(b *testing.B, svc *actor.Service[number]) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := actor.Get(context.Background(), svc, (*number).next); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("supervised", func(b *testing.B) {
		svc := service("svc")
		root := supervisor.New("root", children(supervisor.Child{Service: svc}))
		start(b, root)
		call(b, svc)
		stop(b, root)
	})
	b.Run("alone", func(b *testing.B) {
		svc := actor.Start(new(number))
		call(b, svc)
		stop(b, svc)
	})
}
