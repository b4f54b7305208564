/*
Package supervisor starts services in order, restarts those that fail, and stops
them in the reverse order, as the supervisors of Erlang/OTP do.

The smallest program has a service,

	basket := actor.New(newBasket, actor.WithName("basket"))

puts it into a tree, and starts that:

	shop := supervisor.New("shop", supervisor.Spec{
		Children: []supervisor.Child{{Service: basket}},
	})
	fmt.Println(shop.Start(ctx))

A closure that panics ends this life of the service, and nothing else. Its caller
learns it at once, the supervisor makes a new Basket, and what was queued goes on
with that:

	basket.Do(func(b *Basket) { b.Put("apple") })
	basket.Do(func(b *Basket) { panic("out of paper") })
	basket.Do(func(b *Basket) { b.Put("pear") }) // waits for the next incarnation
	fmt.Println(actor.Get(ctx, basket, (*Basket).Items))

	child := shop.Children()[0]
	fmt.Println(child.Path, "restarts:", child.Restarts)

	fmt.Println(shop.Stop(ctx))
	fmt.Println(basket.Do(func(b *Basket) { b.Put("plum") }))

prints

	<nil>
	[pear] <nil>
	shop/basket restarts: 1
	<nil>
	actor: service stopped

All snippets on this page are taken from the examples of the package, which print
what is shown here. The tables, and the reasons of what is decided, are in
docs/supervision.rst.

# What can be a child

Anything with a method Serve(context.Context) error is a [Service]: the services of
package actor, pools of them (package supervisor/pool), other supervisors and types that
embed one, functions ([Func]), an http.Server (package supervisor/httpserver), and
services that were written for github.com/thejerf/suture/v4.
Serve runs until its context ends, and returns soon after that. It may return before,
with nil for a normal end, and otherwise with an error. A panic in it counts as an error,
an [*github.com/bruskajp/nano_services/actor.PanicError], and so does runtime.Goexit.
Serve may be called again.

A service's path in the tree is its name in logs, profiles and errors.

# Serve and Start

[Supervisor.Serve] runs a tree on the calling goroutine until its context ends or
it gives up. [Supervisor.Start] returns when the whole tree is up; the tree lives
on until [Supervisor.Stop].

	worker := func(name string) supervisor.Func {
		return func(ctx context.Context) error {
			fmt.Println(name, "begins")
			supervisor.Ready(ctx)
			if name == "second" {
				interrupt()
			}
			<-ctx.Done()
			fmt.Println(name, "ends")
			return nil
		}
	}
	tree := supervisor.New("tree", supervisor.Spec{Children: []supervisor.Child{
		{Name: "first", Service: worker("first"), AwaitReady: true},
		{Name: "second", Service: worker("second")},
	}})
	fmt.Println(tree.Serve(ctx))

prints

	first begins
	second begins
	second ends
	first ends
	<nil>

# Up

The next child is started when the one before is up: a service when its constructor
has returned, a supervisor when its children are, an http.Server when it listens,
and anything else as soon as it was launched; or, with Child.AwaitReady, when it
calls [Ready]:

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

If a child can not be started, those before it are stopped again, and Start returns
a [*StartError] that names it. A child that ended with an error before it was up could
not be started.

# Restarts

A child that has ended is restarted according to its [Restart] type: [Permanent],
always; [Transient], if it failed; [Temporary], never. The [Strategy] says which
children are restarted with it: [OneForOne], none; [OneForAll], all of them;
[RestForOne], those after it. These others are stopped first, in the reverse order,
and keep their queues.

A Decider (Spec.Decider) can overrule that, going by the error:

	Decider: func(child string, err error) supervisor.Decision {
		switch {
		case errors.Is(err, errRevoked):
			return supervisor.StopChild // restarting would not help
		case errors.Is(err, errDisk):
			return supervisor.Escalate // nor would restarting the child alone
		}
		return supervisor.ByTable
	},

# Giving up

A supervisor puts up with MaxRestarts restarts within Period, three in five seconds
if nothing else is said. With one more it gives up: it stops its children and ends
with a [*GaveUpError], which to its parent is a failure like any other. So the
parent restarts it, with all its children, until it gives up itself. At the top
Serve returns the error, or, after Start, Done closes and Err has it; the process is
never ended. Services are stopped without running what they have queued, since the
parent may restart them; if none does, that becomes dead letters. So return an error
for bad input, and do not panic.

	orders := supervisor.New("orders", supervisor.Spec{
		MaxRestarts: 2,
		Children:    []supervisor.Child{{Name: "query", Service: broken}},
	})
	shop := supervisor.New("shop", supervisor.Spec{
		MaxRestarts: 1,
		Logger:      silent,
		Children:    []supervisor.Child{{Service: orders}},
	})

	err := shop.Serve(context.Background())
	var gaveUp *supervisor.GaveUpError
	if errors.As(err, &gaveUp) {
		fmt.Println(gaveUp.Supervisor, "gave up because of", gaveUp.Child)
		fmt.Println(gaveUp.Err)
	}
	fmt.Println("lives:", lives, "= (1+2) * (1+1)")

prints

	shop gave up because of shop/orders
	supervisor: shop/orders gave up after 2 restarts within 5s: shop/orders/query: no such table
	lives: 6 = (1+2) * (1+1)

With a [Backoff] the restarts of a child are delayed, each time longer, until it has
been up for a while:

	Backoff: &supervisor.Backoff{Min: time.Millisecond, Max: 5 * time.Millisecond, Healthy: time.Hour},

gives, for a child that fails four times,

	tree/flaky in 1ms
	tree/flaky in 2ms
	tree/flaky in 4ms
	tree/flaky in 5ms

# Queues

While a service is between two lives, its queue is kept, and callers wait: during a
back-off, and while its supervisor, having given up, is restarted by its parent.
When it will not run again (it was terminated, it has ended and is not
restarted, its tree was stopped or gave up at the top) all callers that wait are
answered at once, and new ones are refused.

# Stop

Children are stopped in the reverse of their order, one after the other. Each has
its Child.Shutdown time, five seconds by default, in which a service runs what it
had accepted. A child that has not ended then is cut off, because Go can not end a
goroutine: its callers are answered, its path and what it was doing are listed in
a [*StuckError], and the rest of the tree is stopped as usual. Spec.Shutdown and the
context of Stop bound the whole. A child that fails meanwhile is not restarted, whether
it had been told to end or not; what a service had queued becomes dead letters. A child
can ask how long it has:

	flush := func(ctx context.Context) error {
		<-ctx.Done()
		rest, cancel := context.WithTimeout(context.WithoutCancel(ctx), supervisor.ShutdownTime(ctx))
		defer cancel()

A supervisor knows by itself whether it told a child to end. So context.Canceled has
no special meaning: if a child returns it without having been told to end, that is a
failure.

# At run time

Children are added, terminated, restarted and removed by any goroutine, the
children's own included:

	basket := actor.New(newBasket, actor.WithLogger(silent))
	fmt.Println(shop.Add(ctx, supervisor.Child{Name: "basket", Service: basket}))
	basket.Do(func(b *Basket) { b.Put("apple") })

	fmt.Println(shop.Terminate(ctx, "basket")) // what it had accepted is done first
	fmt.Println(basket.Do(func(b *Basket) { b.Put("pear") }))

	fmt.Println(shop.Restart(ctx, "basket"))
	fmt.Println(actor.Get(ctx, basket, (*Basket).Items)) // of a new Basket

	err := shop.Remove(ctx, "basket")
	fmt.Println(err, errors.Is(err, supervisor.ErrRunning))
	shop.Terminate(ctx, "basket")
	fmt.Println(shop.Remove(ctx, "basket"), len(shop.Children()))

prints

	<nil>
	<nil>
	actor: service stopped
	<nil>
	[] <nil>
	supervisor: Remove: supervisor: child is running: basket true
	<nil> 0

For many children of one kind there is Spec.Template, which has what they have in
common. They are stopped all at once. One that has ended is forgotten if it is
temporary, or transient and has not failed:

	sessions := supervisor.New("sessions", supervisor.Spec{
		Template: &supervisor.Child{Restart: supervisor.Temporary},
	})

# Events

What happens is logged (Spec.Logger, where services below log as well that have no logger
of their own), and given to a hook (Spec.OnEvent), as an [Event]. Neither can harm the tree: they are called on a goroutine of their own, and
a hook that is too slow loses events, which are counted.

	started tree/flaky
	exited tree/flaky line is dead
	restarting tree/flaky line is dead
	started tree/flaky
	stopped tree/flaky
	stopped tree

# Finding services

[Lookup] finds a service of a tree by name; code in the tree uses actor.Lookup,
with its context. The tree itself is the directory: what has stopped is not found.

	basket, err := supervisor.Lookup[*actor.Service[Basket]](shop, "basket")
	fmt.Println(basket.Name(), err)

Spec.Interceptors are called around each closure of the services below a supervisor,
Spec.FilteredInterceptors around those whose sender's context they want to see.

# Cost

Supervision costs a running service nothing. A service needs one goroutine, the one
on which its supervisor calls Serve, and a supervisor needs one. From the panic of a
closure to the answer of the next call takes some 4 µs, on the child's own goroutine.
docs/performance.rst compares that with a bare loop that recovers, and says what the
rest is; so do BenchmarkRestart and BenchmarkRestartBare.
*/
package supervisor
