/*
Package actor makes a value of an ordinary Go type a service: the value gets a
goroutine of its own, and nothing else ever touches it. Others hand closures
over, which run there one at a time. The type's methods are the protocol; there
are no message types.

The smallest program has an ordinary type,

	type Counter struct{ n int }

	func (c *Counter) Add(by int)  { c.n += by }
	func (c *Counter) Value() int  { return c.n }

makes a value of it a service, and uses that:

	counter := actor.Start(&Counter{})
	counter.Do(func(c *Counter) { c.Add(2) })
	n, err := actor.Get(ctx, counter, (*Counter).Value)
	fmt.Println(n, err)

prints

	2 <nil>

Counter needs no lock, and callers need none: however many goroutines use the
service, its closures run one after the other, and those of one goroutine in the
order in which it handed them over. All snippets on this page are taken from the
examples of the package, which print what is shown here.

# Start

[Start] makes a service of a value that exists already. It runs at once, until
it is stopped or a closure crashes. The caller lets go of the value. The result,
a [*Service], is the handle: pass it to whoever needs the service. Options name
it, bound it, and so on:

	left := actor.Start(&Counter{}, actor.WithName("left"))

# Do

[Service.Do] hands a closure over and returns at once, like sending an event. It
never blocks. A nil error says that the closure was accepted: it will run exactly
once, or be reported as a dead letter.

	for _, line := range []string{"one", "two", "three"} {
		if err := journal.Do(func(j *Journal) { j.Write(line) }); err != nil {
			fmt.Println("lost:", line, err)
		}
	}
	lines, _ := actor.Get(ctx, journal, (*Journal).Lines)
	fmt.Println(lines)

	journal.Stop(ctx)
	fmt.Println(journal.Do(func(j *Journal) { j.Write("four") }))

prints

	[one two three]
	actor: service stopped

A Do that is refused is also counted and logged, so that a program which ignores
the error shows its loss.

# Call, Get and Run

[Call] waits for a result, like calling a method. It waits for its turn too, and
for room in a bounded service, until its context ends:

	left, err := actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(30) })
	fmt.Println(left, err)
	left, err = actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(500) })
	fmt.Println(left, err, errors.Is(err, errEmpty))

prints

	70 <nil>
	70 not enough in the till true

[Get] is Call for functions without an error, and fits method expressions, as in
(*Counter).Value. [Wait] is the same for methods that return nothing, as (*Counter).Reset.
[Service.Run] is Call for functions without a result:

	fmt.Println(till.Run(ctx, func(t *Till) error { return t.Put(20) }))
	fmt.Println(till.Run(ctx, func(t *Till) error { return t.Put(-1) }))

prints

	<nil>
	cannot put -1

# Errors

A call ends with what the closure returned, or with an error of the library.
[OutcomeOf] tells from either what became of the closure, which decides whether
the call may be made again:

	take := func(ctx context.Context, cents int) error {
		_, err := actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(cents) })
		return err
	}
	fmt.Println("its own error:", actor.OutcomeOf(take(ctx, 500)))

	over, cancel := context.WithCancel(ctx)
	cancel()
	fmt.Println("dead context:", actor.OutcomeOf(take(over, 10)))

	leaving, leave := context.WithCancel(ctx)
	release := make(chan struct{})
	err := till.Run(leaving, func(*Till) error {
		leave() // the caller goes away while the closure runs
		<-release
		return nil
	})
	fmt.Println("context ended meanwhile:", actor.OutcomeOf(err))
	close(release)

	err = till.Run(ctx, func(*Till) error { panic("out of change") })
	fmt.Println("panic:", actor.OutcomeOf(err))

	err = take(ctx, 10)
	fmt.Println("afterwards:", actor.OutcomeOf(err))
	fmt.Println(errors.Is(err, actor.ErrStopped), errors.Is(err, actor.ErrNotRun))

prints

	its own error: ran
	dead context: not run
	context ended meanwhile: unknown
	panic: crashed
	afterwards: not run
	true true

[Ran] says that the closure ran to its end, whatever it returned. After [NotRun]
it never ran and never will: call again, or elsewhere. After [Crashed] it panicked
half-way. [Unknown] says that the context ended after the closure had started: it
may still be running. [ErrNotRun] matches exactly the errors whose outcome is
NotRun. [WithOutcome] gives an error its outcome, and [PanicElsewhere] makes that of a crash,
for clients of other processes.

What a closure
returns reaches its caller with errors.Is and errors.As intact, except that an
ErrNotRun in it, which speaks of a call that the closure itself made, does not
count for the caller's own call.

# New and Serve

A value that has to be made, or made again after a crash, comes from a
constructor. [New] declares such a service, which may be used at once: what it is
handed is queued. [Service.Serve] runs it on the calling goroutine, the
constructor included, until its context ends:

	store := actor.New(openStore, actor.WithLogger(slog.New(slog.DiscardHandler)))
	store.Do(func(s *Store) { s.Insert("early") }) // queued until somebody serves

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- store.Serve(ctx) }()

	n, err := actor.Get(context.Background(), store, (*Store).Len)
	fmt.Println(n, err)

	stop()
	fmt.Println(<-served)
	fmt.Println(store.Do(func(s *Store) { s.Insert("late") }))

prints

	open
	1 <nil>
	close with [early]
	<nil>
	actor: service stopped

One life of a service, from its constructor to its Close, is an incarnation. The
handle stays the same through all of them. Serve is normally called by a
supervisor, which calls it again after a crash; the new incarnation gets a new
value, and runs what was queued. Between two incarnations the service is
[Pending] and goes on queueing. A Serve that was called without a supervisor
leaves the service [Down]: it refuses everything until Serve is called again.

A constructor finds the service itself with [Self], for goroutines and values that
want to hand something to it. With [Continue] it has something done right after it, before
what is queued, when the service is up already. [Exit] ends an incarnation from inside; on the
service's own goroutine any context will do:

	clerk.DoContext(context.Background(), func(ctx context.Context, _ *Clerk) {
		actor.Exit(ctx, errors.New("nothing left to do"))
	})
	fmt.Println(clerk.Serve(context.Background()))

prints

	nothing left to do

# Stop and Kill

[Service.Stop] ends a service for good. It takes nothing new, runs what was
accepted, and closes the value, on its own goroutine, if it has a method
Close() error:

	for _, row := range []string{"a", "b", "c"} {
		store.Do(func(s *Store) { s.Insert(row) })
	}
	fmt.Println(store.Stop(context.Background()))
	<-store.Done() // closed already
	fmt.Println(store.Info().State)

prints

	close with [a b c]
	<nil>
	ended

Go cannot kill a goroutine. When the context of Stop ends first, the service is
cut off from the closure that still runs: the rest becomes dead letters, callers
are answered, and the error names the closure.

	ctx, cancel := context.WithCancel(context.Background())
	cancel() // or a deadline
	err := counter.Stop(ctx)
	fmt.Println(errors.Is(err, context.Canceled)) // err names the closure, too
	i := counter.Info()
	fmt.Println(i.State, "running:", i.Running, "dead:", i.Dead)

prints

	true
	ended running: 1 dead: 1

The value is closed on its own goroutine when that closure returns, if ever.
[Service.Kill] does the same at once. A service that nobody serves has no value to
run closures with: Stop makes what it has queued dead letters.

# Bounds

A queue is unbounded by default, and a long one is reported in the log.
[WithCapacity] bounds how many closures wait, the one that runs not counted:

	counter := actor.New(newCounter, actor.WithCapacity(2),
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	for range 3 {
		fmt.Println(counter.Do(func(c *Counter) { c.Add(1) }))
	}

prints

	<nil>
	<nil>
	actor: mailbox full

Do and [Async] are refused when there is no room. What takes a context waits for
room, in the order of arrival, until the context ends: the calls, and
[Service.DoContext] for closures that nobody waits for. So a call that does not wait
for room, but is refused with [ErrMailboxFull] and the outcome NotRun, is

	_, err := actor.Async(counter, value).Await(ctx) // actor.Call would wait for room

A service with
[WithOverflow] and [DropOldest] makes room instead by dropping what has waited
longest.

# Dead letters

A closure that was accepted and will not run is a dead letter: it is counted
([Info]) and given to the hook of [WithDeadLetters]. The hook sees the closures
that Do and DoContext refused as well:

	hook := func(d actor.DeadLetter) {
		fmt.Printf("%s: %v (refused: %t)\n", d.Service, d.Reason, d.Refused)
	}
	counter := actor.New(newCounter, actor.WithDeadLetters(hook),
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	counter.Do(func(c *Counter) { c.Add(1) })
	counter.Kill()
	counter.Do(func(c *Counter) { c.Add(1) }) // who ignores the error is seen all the same

prints

	Counter: actor: service stopped (refused: false)
	Counter: actor: service stopped (refused: true)

# Futures

[Async] makes a call without waiting for it, so that many are in flight. The
answers are awaited in any order, by anybody, and more than once:

	var answers []*actor.Future[int]
	for _, till := range tills {
		answers = append(answers, actor.Async(till, func(t *Till) (int, error) { return t.Take(15) }))
	}
	for _, answer := range answers {
		fmt.Println(answer.Await(ctx))
	}

prints

	10 not enough in the till
	5 <nil>
	15 <nil>

A context that ends ends the waiting of [Future.Await], not the call. [AsyncContext] is for a
call that has a context: it does not run if that ends before its turn, and the future says so
at once.

	ctx, cancel := context.WithCancel(context.Background()) // or a deadline
	answer := actor.AsyncContext(ctx, till, func(ctx context.Context, t *Till) (int, error) { return t.Take(5) })
	cancel()         // before anybody serves
	<-answer.Done() // at once: it never runs
	_, err := answer.Await(context.Background())
	fmt.Println(errors.Is(err, context.Canceled), actor.OutcomeOf(err))

prints

	true not run

# Contexts and deadlocks

A closure that calls another service takes a context, from [CallContext],
[Service.RunContext] or DoContext, and passes it on:

	sold, err := actor.CallContext(ctx, shop, func(ctx context.Context, s *Shop) (int, error) {
		return s.Sell(ctx, 20)
	})
	fmt.Println(sold, err)

prints

	1 <nil>

The context of a call carries its caller's values, deadline and cancellation, and
ends with the closure. That of DoContext carries values only, since nobody waits,
and ends when the incarnation runs no more closures or is cut off.

While a closure waits for another service, its own service does nothing else.
Services that wait for each other in a cycle would do nothing for ever. The wait
that would close the cycle is refused instead, at once, with an error that names
services and call sites:

	err := left.RunContext(ctx, func(ctx context.Context, _ *Counter) error {
		return right.RunContext(ctx, func(ctx context.Context, _ *Counter) error {
			_, err := actor.Get(ctx, left, (*Counter).Value) // left waits for right
			return err
		})
	})
	var deadlock *actor.DeadlockError
	fmt.Println(errors.As(err, &deadlock))
	for _, w := range deadlock.Cycle {
		fmt.Println(w.Service, "waits for", w.For) // w.Site says where
	}

prints

	true
	right waits for left
	left waits for right

The library knows the goroutine of each service, so this needs no context. Only a
goroutine that a closure starts is known by the context that the closure passes
to it; it is taken to be awaited by the closure. One that is not awaited takes the
context from [Detach]. To break a cycle, make one of its calls a Do.

# Crashes

A panic in a closure, a constructor or Close, or a call of runtime.Goexit, ends the
incarnation and nothing else. The caller of the closure learns it at once, and so
do those whose calls nobody will run any more:

	_, err := actor.Get(ctx, counter, func(c *Counter) int { return c.Share(0) })

	var crash *actor.PanicError
	fmt.Println(errors.As(err, &crash), actor.OutcomeOf(err))
	fmt.Println(crash.Service, path.Base(crash.File), crash.Line > 0, len(crash.Stack()) > 0)
	fmt.Println(crash.Value)

	<-counter.Done() // a service that Start made has ended with its first crash
	fmt.Println(counter.Err() == error(crash))

prints

	true crashed
	Counter example_crash_test.go true true
	runtime error: integer divide by zero
	true

The closure that crashed is not run again. The value that it left behind is
closed and thrown away. No library can hold back fatal errors, such as a
concurrent map write or lack of memory, nor a panic on a goroutine that a closure
started with a bare go statement: these end the process.

# Timers

[Service.After] has a closure run later, and [Service.Every] again and again. A timer
belongs to the incarnation that sets it, and [Timer.Cancel] takes it back:

	done := make(chan struct{})
	late := counter.After(time.Hour, func(c *Counter) { c.Add(100) })
	counter.After(time.Millisecond, func(c *Counter) {
		c.Add(1)
		close(done)
	})
	<-done
	fmt.Println(late.Cancel(), late.Cancel())

prints

	true false

No tick comes after Cancel has returned, after Stop, or from an earlier incarnation,
not even if it was queued already; and a busy service has one tick queued, not a pile.
A timer that is to begin anew is cancelled and set again; a nil one may be cancelled.
[Service.WhenIdle] runs a closure when nothing has come for a while. A constructor
sets what each incarnation is to have:

	func newMeter(ctx context.Context, samples chan int) *Meter {
		actor.Self[Meter](ctx).Every(time.Millisecond, (*Meter).Sample)
		return &Meter{samples: samples}
	}

# Watching

[Watch] tells a service when an incarnation of another one has ended, and why. A goroutine that
is no service waits for that with [AwaitDown]:

	actor.Watch(left, monitor, (*Monitor).Lost)
	cancel := actor.Watch(right, monitor, (*Monitor).Lost)
	left.Do(func(*Counter) { panic("out of numbers") })
	fmt.Println(<-lamps)

	cancel() // nothing more of this one
	right.Stop(context.Background())
	actor.Watch(right, monitor, (*Monitor).Lost) // down already: at once
	fmt.Println(<-lamps)

prints

	left 1 crashed: out of numbers
	right 1 ended: <nil>

# Work on other goroutines

[Pipe] runs what takes long on another goroutine, while the service goes on, and hands
its result back as a closure:

	gallery := actor.Start(&Gallery{}, actor.WithPipeLimit(1)) // one at a time, in order
	for _, name := range []string{"a cat", "", "a dog"} {
		err := actor.Pipe(gallery,
			func(ctx context.Context) (string, error) { return load(ctx, name) }, // on its own goroutine
			(*Gallery).Show) // on the gallery's
		if err != nil {
			fmt.Println("not accepted:", err)
		}
	}
	gallery.Stop(context.Background()) // waits for the work, and for what is done with it

prints

	picture of a cat
	nothing to show: no name
	picture of a dog

The service owns that goroutine: its context ends with the incarnation, and its panic is
a crash of the service. [Go] is for a goroutine that goes on for as long as the service
lives, such as a loop that reads. Stop ends it, and waits for it:

	r := &Radio{self: actor.Self[Radio](ctx)}
	return r, actor.Go(r.self, func(ctx context.Context) error { return tune(ctx, r.self, air) })

# Later answers

The closure of [CallLater] gets a [Reply], which it may keep. Whoever has it answers,
once; the end of the incarnation answers at the latest. So a service goes on while it
does not know an answer yet:

	return actor.CallLater(ctx, prices, func(ctx context.Context, p *Prices, reply actor.Reply[int]) {
		p.Find(ctx, name, reply)
	})

# Batches

A service made [WithBatch] calls a function at the end of each batch: when nothing more
waits, or after so many closures. So a database commits once for all that came
meanwhile:

	books := actor.Start(&Books{}, actor.WithBatch(100, (*Books).Commit))
	busy := make(chan struct{})
	books.Do(func(*Books) { <-busy })
	for _, row := range []string{"a", "b", "c"} {
		books.Do(func(l *Books) { l.Insert(row) })
	}
	close(busy)
	books.Stop(context.Background())

prints

	commit [a b c]

[CallBatched] is answered after the commit.

# Handing over

Data is moved, not copied. What a closure captures or returns by reference (a
pointer, slice, map, channel or function) belongs to the other side afterwards,
and who handed it over does not touch it again:

	func publish(board *actor.Service[Board], scores []int) error {
		return board.Do(func(b *Board) { b.Take(scores) }) // not used here any more
	}

A closure captures variables, not their values, so the variable is not assigned to
either, not even to let go of it. In the other direction, a method that returns a
part of the value returns a copy of it:

	func (b *Board) Scores() []int     { return slices.Clone(b.scores) }

or the callers share it with the service. Nothing checks this but the race
detector: run the tests with -race.

[Move] takes a value out of a variable and leaves nothing behind, so that a use
after the hand-over shows at once.

# Recipients

A [Recipient] is where values of one type are sent to, by who does not know what
service gets them:

	booked, err := actor.NewRecipient(ledger, (*Ledger).Book)
	fmt.Println(err)
	cashier := actor.Start(&Cashier{booked: booked}) // knows nothing of ledgers

	cashier.Do(func(c *Cashier) { c.Sell("apple", 30) })
	cashier.Stop(ctx)
	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Cents))

prints

	<nil>
	30 <nil>

A value waits in the mailbox like any closure, and [Recipient.Send] allocates nothing.
Package topic tells many: its events are sent to a Recipient of each subscriber.

# Views

Where many read and few write, a [View] shows what a service has, without asking it:

	prices := actor.NewView(menu, (*Menu).All)
	menu.Run(ctx, func(m *Menu) error { m.Set("soup", 450); return nil })
	fmt.Println(prices.Load()) // takes nanoseconds, on any goroutine

prints

	map[soup:450]

The function is called on the service's goroutine after each closure, before the
caller is answered, or with [NewBurstView] after each burst of them.

# Routers

A [Router] stands for services, and is used like one of them. A function says which one
gets the closure, for example by [Service.Load]:

	// open goes to the left desk as long as that is open.
	open := actor.Route(func(*actor.Service[Desk]) *actor.Service[Desk] {
		if _, accepts := left.Load(); accepts {
			return left
		}
		return right
	})
	fmt.Println(actor.Get(ctx, open, (*Desk).Serve))
	left.Stop(ctx)
	fmt.Println(actor.Get(ctx, open, (*Desk).Serve))

prints

	at the left <nil>
	at the right <nil>

Package supervisor/pool has services of one kind behind one handle, which are started,
restarted and stopped together, and go by what they have to do, or by a key.

# Around closures

[WithInterceptor] has a function called around each closure of a service, to count, to
trace, or to refuse:

	// authorize lets through what the vault's owner sends.
	func authorize(c actor.Closure, run func() error) error {
		if c.Context().Value(userKey{}) != "ada" {
			return errNotYours
		}
		return run()
	}

A call that is refused has the outcome NotRun. [Retry] repeats a call for as long as it
was not run. [Lookup] finds another service of the same supervision tree by name.

# What can be seen

[Service.Info] returns the state of a service and its numbers. While nothing is
being sent, Accepted = Executed + Dead + Skipped + Queued + Running.

Closures are named by function and line in logs, errors and dead letters.
[WithSlowClosure] reports those that run for too long. [WithTimes] has a service
measure how long closures wait and run:

	i := counter.Info()
	fmt.Println("measured:", i.Runs.Count)
	fmt.Println("median at least 5 ms:", i.Runs.Quantile(0.5) >= 5*time.Millisecond)
	fmt.Println("in all at least 15 ms:", i.Runs.Total >= 0.015) // seconds, for metrics
	fmt.Println("some have waited for two others:", i.Waits.Max >= 10*time.Millisecond)

prints

	measured: 3
	median at least 5 ms: true
	in all at least 15 ms: true
	some have waited for two others: true

[WithHistory] has it keep the last closures, which come with a [PanicError] and a
[DeadlockError]; [Service.Record] collects the next ones. [Service.Observe] switches
both on and off while the service runs. A service with nothing switched on pays for
none of this.

[Service.Pause] holds a service up. [Inspect] looks at its value between two
closures, and does not stand in the queue:

	fmt.Println(counter.Pause(ctx)) // no closure runs any more
	counter.Do(func(c *Counter) { c.Add(1) })
	fmt.Println(actor.Inspect(ctx, counter, (*Counter).Value)) // does not stand in the queue
	counter.Resume()
	fmt.Println(actor.Get(ctx, counter, (*Counter).Value))

prints

	<nil>
	1 <nil>
	2 <nil>

[Service.Show] returns the value for a log: what its type lets be seen with a method
LogValue, which is called as Inspect calls its function.

The goroutine of each service carries the pprof label service=<path>, so that a CPU
profile splits by service, and while runtime/trace is on each closure is a region.

# Go 1.27

From Go 1.27 on, which has methods with type parameters, Call, CallContext, Get and
Async are methods of a [Service] as well, with the same meaning:
counter.Get(ctx, (*Counter).Value).
*/
package actor
