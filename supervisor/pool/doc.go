/*
Package pool has several services of one kind behind one handle, as a child of a
supervision tree:

	printers := pool.New(3, newPrinter)
	shop := supervisor.New("shop", supervisor.Spec{
		Logger:   slog.New(slog.DiscardHandler),
		Children: []supervisor.Child{{Name: "printers", Service: printers}},
	})
	shop.Start(ctx)

	// The pool is used like a service: the one with the least to do gets it.
	for _, text := range []string{"one", "two", "three"} {
		fmt.Println(actor.Get(ctx, printers, func(p *Printer) string { return p.Print(text) }))
	}

	// All of them are asked at once.
	pages, err := pool.Gather(ctx, printers, (*Printer).Pages)
	fmt.Println(len(pages), "printers", pages[0]+pages[1]+pages[2], "pages", err)

	// It is a supervisor, too.
	for _, printer := range printers.Children() {
		fmt.Println(printer.Path, printer.State)
	}

prints

	ONE <nil>
	TWO <nil>
	THREE <nil>
	3 printers 3 pages <nil>
	shop/printers/0 up
	shop/printers/1 up
	shop/printers/2 up

[Pool.Key] keeps what belongs together in order:

	ada := printers.Key("ada") // always the same printer
	for range 4 {
		ada.Do(func(p *Printer) { p.Print("a page") })
	}
	fmt.Println(actor.Call(ctx, ada, (*Printer).Pages))

prints

	4 <nil>

# What a pool can do

A [Pool] embeds an actor.Router and a *supervisor.Supervisor, and has their methods. Those
of the router hand closures over, and so the pool is accepted wherever an actor.Ref is, by
actor.Call, CallContext, Get, Async, CallLater, Subscribe and so on:

  - Do, DoContext, Run, RunContext

Those of the supervisor are about the members, whose names are "0", "1" and so on:

  - Serve, which the supervisor above calls; Start and Stop of a pool that is in no tree
  - Name, Done, Err, Children, Snapshot
  - Terminate and Restart of a member; Add and Remove return an error, since the size of a
    pool is fixed

(Abandon, Find and SignalsReady are for the supervisor above.)

# Which member

The one with the fewest closures that wait or run, and of equals the first. A member that
has crashed and is not back yet keeps its queue, and gets something more only if all have
crashed; one that is stopped or terminated gets nothing. A member that hands something to
its own pool does not get it, unless no other can, and nor does one that waits for the
caller: a call to it would be refused as a deadlock. A closure stays with the member that
was picked. If no member takes anything, the error is actor.ErrStopped, counted and shown by
the first one.

A topic that a pool subscribes to gives each event to one member, picked when it is
published, and forgets a pool that takes nothing any more.

# Restarts and ends

Each member is restarted by itself. How often altogether, and how long they may take to
end, says the spec of [NewWith]; Shutdown of the pool itself, as a child, is the time after
which all its members are cut off at once:

	printers := pool.NewWith(3, newPrinter, supervisor.Spec{
		MaxRestarts: 10,
		Period:      time.Minute,
		Template:    &supervisor.Child{Shutdown: 30 * time.Second},
	}, actor.WithName("printers"), actor.WithCapacity(100))
*/
package pool
