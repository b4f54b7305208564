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

# Map

  - Start here: [Start], [Service.Do], [Get], [Service.Stop]; [New] and [Service.Serve] for
    what can be made again; options begin with With, as [WithName] and [WithCapacity].
  - Calls: [Call], [Get], [Wait], [Service.Run]; with a context for the closure [CallContext],
    [Service.RunContext], [Service.DoContext]; many at once [Async], [AsyncContext]; answered
    later [CallLater], or after a commit [CallBatched], [AsyncBatched].
  - Failure: [OutcomeOf], [PanicError], [DeadlockError], [ErrStopped] and the other errors;
    [DeadLetter], [Exit], [Service.Kill], [Retry].
  - Composition: [Service.After], [Service.Every], [Service.WhenIdle], [Watch], [AwaitDown],
    [Pipe], [Go], [Recipient], [View], [Router], [Lookup], [Interceptor], [WithBatch], [Move].
  - Looking: [Service.Info], [Service.Observe], [Service.History], [Service.Record], [Inspect],
    [Service.Show], [Service.Pause].

The rest of the page goes through these in turn. The manual in the folder docs has more of
each: services.rst (calls, ends, failures), composition.rst (timers, watching, work, later
answers, batches), events.rst (views, routers, interceptors, handing over), observing.rst
(looking). What may be relied upon is in guarantees.rst.

# Start here

[Start] makes a service of a value that exists already. It runs at once, until
it is stopped or a closure crashes. The caller lets go of the value. The result,
a [*Service], is the handle: pass it to what needs the service. Options name
it, bound it, and so on:

	left := actor.Start(&Counter{}, actor.WithName("left"))

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
value, and runs what was queued. A constructor finds its own service with [Self].

[Service.Stop] ends a service for good. It takes nothing new, runs what was
accepted, and closes the value, on its own goroutine, if it has a method
Close() error. When its context ends first, the service is cut off from the closure that
still runs, since Go cannot kill a goroutine: the rest becomes dead letters, callers are
answered, and the error names the closure. [Service.Kill] does that at once.

A queue is unbounded by default, and a long one is reported in the log.
[WithCapacity] bounds how many closures wait, the one that runs not counted. Senders that may
be quicker than the service need it, and DoContext, which waits for room:

	counter := actor.New(newCounter, actor.WithCapacity(2),
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	for range 3 {
		fmt.Println(counter.Do(func(c *Counter) { c.Add(1) }))
	}

prints

	<nil>
	<nil>
	actor: mailbox full

# Calls

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

[Async] makes a call without waiting for it, so that many are in flight. The
answers are awaited in any order, on any goroutine, and more than once:

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

A context that ends ends the waiting of [Future.Await], not the call; one given to
[AsyncContext] ends the call, if that comes before its turn. Async never waits for room:
it is refused with [ErrMailboxFull].

A closure that calls another service takes a context, from [CallContext],
[Service.RunContext] or [Service.DoContext], and passes it on:

	sold, err := actor.CallContext(ctx, shop, func(ctx context.Context, s *Shop) (int, error) {
		return s.Sell(ctx, 20)
	})
	fmt.Println(sold, err)

prints

	1 <nil>

The context of a call carries its caller's values, deadline and cancellation, and
ends with the closure. That of DoContext carries values only, since no caller waits,
and ends when the incarnation runs no more closures or is cut off.

Data is moved, not copied. What a closure captures or returns by reference (a
pointer, slice, map, channel or function) belongs to the other side afterwards, and the
side that handed it over does not touch it again:

	func publish(board *actor.Service[Board], scores []int) error {
		return board.Do(func(b *Board) { b.Take(scores) }) // not used here any more
	}

A closure captures variables, not their values, so the variable is not assigned to
either. In the other direction, a method that returns a part of the value returns a
copy of it:

	func (b *Board) Scores() []int     { return slices.Clone(b.scores) }

Nothing checks this but the race detector: run the tests with -race. [Move] takes a value
out of a variable and leaves nothing behind, so that a use after the hand-over shows at once.

# Failure

A call ends with what the closure returned, or with an error of the library. [OutcomeOf]
tells from either what became of the closure, which decides whether the call may be made
again. [Ran] says that it ran to its end, whatever it returned. After [NotRun] it never
ran and never will: call again, or elsewhere. After [Crashed] it panicked half-way.
[Unknown] says that the context ended after it had started: it may still be running.
[ErrNotRun] matches exactly the errors whose outcome is NotRun.

A panic in a closure, a constructor or Close, or a call of runtime.Goexit, ends the
incarnation and nothing else. The caller of the closure learns it at once, and so
do those whose calls will not be run any more:

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

A closure that was accepted and will not run is a dead letter: it is counted
([Service.Info]) and given to the hook of [WithDeadLetters], as are those that Do refused.

While a closure waits for another service, its own service does nothing else.
Services that wait for each other in a cycle would do nothing for ever. The wait
that would close the cycle is refused instead, at once, with a [DeadlockError] that names
services and call sites. The library knows the goroutine of each service, so this needs no
context. Only a goroutine that a closure starts is known by the context that the closure passes
to it; it is taken to be awaited by the closure. One that is not awaited takes the
context from [Detach]. To break a cycle, make one of its calls a Do.

# Composition

What a closure of the service asks for comes back as a closure of the service, and ends
with the incarnation that has asked for it.

[Service.After] has a closure run later, [Service.Every] again and again, and
[Service.WhenIdle] when nothing has come for a while; [Timer.Cancel] takes it back. A
constructor sets what each incarnation is to have:

	func newMeter(ctx context.Context, samples chan int) *Meter {
		actor.Self[Meter](ctx).Every(time.Millisecond, (*Meter).Sample)
		return &Meter{samples: samples}
	}

[Watch] tells a service when an incarnation of another one has ended, and why; a goroutine
that is no service waits for that with [AwaitDown]. [Pipe] runs what takes long on another
goroutine, while the service goes on, and hands its result back:

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

[Go] is for a goroutine that goes on for as long as the service lives, such as a loop that
reads. The closure of [CallLater] gets a [Reply], which it may keep until the answer is
known. A service made [WithBatch] calls a function at the end of each batch, so that a
database commits once for all that came meanwhile; [CallBatched] is answered after that.

A [Recipient] is where values of one type are sent to, without knowing what service gets
them; package topic tells many. A [View] shows what a service has, in nanoseconds and
without asking it:

	prices := actor.NewView(menu, (*Menu).All)
	menu.Run(ctx, func(m *Menu) error { m.Set("soup", 450); return nil })
	fmt.Println(prices.Load()) // takes nanoseconds, on any goroutine

prints

	map[soup:450]

A [Router] stands for services, and is used like one of them: a function says which one gets
the closure. Package supervisor/pool has services of one kind behind one handle.
[WithInterceptor] has a function called around each closure, to count, to trace, or to
refuse; a [FilteredInterceptor] is called around those of some senders, at no cost for the
others. [Retry] repeats a call for as long as it was not run. [Lookup] finds another service
of the same supervision tree by name. From Go 1.27 on, which has methods with type
parameters, Call, CallContext, Get and Async are methods of a [Service] as well.

# Looking

[Service.Info] returns the state of a service and its numbers. While nothing is
being sent, Accepted = Executed + Dead + Skipped + Queued + Running. Closures are named by
function and line in logs, errors and dead letters.

[WithSlowClosure] reports closures that run for too long, [WithTimes] has a service measure
how long they wait and run, and [WithHistory] has it keep the last ones, which come with a
[PanicError] and a [DeadlockError]. [Service.Observe] switches the latter two on and off
while the service runs, and [Service.Record] collects the next closures. A service with
nothing switched on pays for none of this.

[Service.Pause] holds a service up. [Inspect] looks at its value between two closures, and
does not stand in the queue; [Service.Show] returns it for a log, as its type lets it be
seen. The goroutine of each service carries the pprof label service=<path>, and while
runtime/trace is on each closure is a region.

# The code

To read the package, begin with what a caller sees: service.go, options.go, errors.go,
handle.go. Then the kernel: state.go, core.go, job.go, loop.go, moments.go, serve.go,
stop.go, ending.go, context.go, deadletter.go, deadlock.go. The rest can wait until it is
needed. docs/design.rst says what is in each, and why it is so.
*/
package actor
