// Benchmarks compares nano services with what one would write without them, channels and
// a mutex, and with other libraries, all in one run. From the repository's root:
//
//	go -C benchmarks run . -quick
package main

import (
	"context"
	"os"
	"os/signal"
)

func main() {
	if order, ok := os.LookupEnv(childVariable); ok {
		os.Exit(child(order, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second interrupt ends the program as usual
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
