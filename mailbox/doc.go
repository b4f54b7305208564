/*
Package mailbox provides a queue for many producers and one consumer, and a
mailbox around it: a consumer that sleeps while there is nothing to do, a bound,
and an end.

The smallest program has producers that push and a consumer that pops:

	var q mailbox.Queue[string]
	q.Push("hello")
	q.Push("world")
	fmt.Println(q.Pop())
	fmt.Println(q.Pop())
	fmt.Println(q.Pop())

which prints

	hello true
	world true
	 false

A [Queue] is unbounded, its zero value is ready, and neither end ever blocks.
Any number of goroutines may call [Queue.Push] at once; [Queue.Pop] belongs to
one goroutine at a time. The values of one producer come out in the order in
which it pushed them, and what happened before a Push happens before the Pop
that returns its value.

# A consumer that sleeps

A [Mailbox] adds an owner: the one goroutine that holds the consumer's part. It
gets a [Consumer] from [Mailbox.Acquire], and loops:

	m := mailbox.New(mailbox.Options[int]{})
	c, _ := m.Acquire()
	for {
		v, ok := c.Next()
		switch {
		case ok:
			work(v)
			c.Done()
		case m.Closed() && c.Empty():
			c.Release()
			return
		default:
			c.Wait()
		}
	}

[Consumer.Wait] blocks on a channel until there is something to do. It may
return early, so the loop asks again. [Mailbox.TryPut] sends and wakes the
owner:

	err := m.TryPut(42) // nil, ErrFull or ErrClosed, at once

A signal is a bit that wakes the owner without standing in the queue:
[Mailbox.Signal] sets it, [Mailbox.Signals] reads it, [Mailbox.Clear] takes it
back. While one is set, Wait returns at once.

# Taking over

Between [Consumer.Next] and [Consumer.Done] the owner is busy. Go cannot stop a
goroutine, but the part can be taken from it: [Mailbox.Take] makes its caller the
owner, and returns the value that the former owner is still busy with. The former
owner learns it when it comes back, if ever:

	if !c.Done() {
		return // another goroutine is the owner now
	}

[Mailbox.Peek] only looks at the value that the owner is busy with.
[Consumer.Discard] takes a value without becoming busy, so no goroutine can take over
meanwhile. [Consumer.Release] leaves what waits to the next owner.

# Bounds

Options.Capacity says how many values may wait. The one that the owner is busy
with does not count:

	m := mailbox.New(mailbox.Options[int]{Capacity: 1})
	fmt.Println(m.TryPut(1))
	fmt.Println(m.TryPut(2))
	c, _ := m.Acquire()
	c.Next()
	fmt.Println(m.TryPut(2))

prints

	<nil>
	mailbox: full
	<nil>

The bound is exact with any number of senders. [Mailbox.Put] waits for room until
its context ends. Senders that wait stand in line: room goes to the first, and
TryPut is refused while there is a line, so no sender is overtaken.

# Dropping the oldest

With Options.Dropped a full mailbox makes room by dropping the value that has
waited longest, and calls the function with it, on the sender's goroutine:

	m := mailbox.New(mailbox.Options[int]{
		Capacity: 2,
		Dropped:  func(v int) { fmt.Println("dropped", v) },
	})
	m.TryPut(1)
	m.TryPut(2)
	m.TryPut(3)

prints

	dropped 1

Such a mailbox takes a lock for each operation, because senders take values too.
No lock is held while the function runs, and a panic in it reaches the sender
and leaves the mailbox as it is.

# The end

[Mailbox.Close] refuses later values, and those of senders in line. Values that were
accepted stay, and the owner takes them. Close is exact: [Counts].Accepted is the
number of sends that returned nil, and does not change after Close has returned.
[Mailbox.Open] makes the mailbox accept again.

An accepted value may lead to another one, such as an answer that the owner has asked
for and still expects. [Consumer.WaitSignal] waits for a signal when the mailbox is
closed and empty. Then [Consumer.Feed] appends a value that no sender could send any
more.

# Who may call what

	any goroutine         Push, TryPut, Put, Line, Close, Open, Closed, Signal,
	                      Signals, Clear, Len, Counts, Busy, Acquire, Take, Peek
	who stands in line    the Wait, Leave and Tell of a Place
	one at a time         Pop
	the owner             Next, Done, Discard, Wait, WaitSignal, Feed, Release, Empty

Put, WaitSignal, and the Wait of an owner or of a Place in line, block; everything
else does not. What an owner does in its methods happens before whatever a later owner does
in them.

# Cost

A push is two locked instructions, a push into a mailbox two loads more. A push to an
owner that sleeps and has nothing to do is one locked instruction and a channel send: the
value is handed over beside the ring. Nothing is allocated
while the backlog fits the ring of slots. A ring begins with 4 slots and grows by
steps of four to 1024; a larger backlog allocates one ring for each 1024 values.
When the owner waits, a ring that has grown is replaced by a small one: one of
more than 64 slots at once, so that an idle mailbox is small again after a burst,
and a smaller one when sixteen waits in a row did not need it, so that small
bursts again and again do not allocate. (On a 64-bit machine with values of one
word: some 100 bytes for a queue, 160 for a mailbox with its queue, and 128 for
the first ring, which the first push allocates that is not handed over.)

A taken value is cleared from its slot at once. The value that was taken last is
let go of at the latest when the owner waits or releases.

To wait for room takes a lock and parks. It allocates nothing while there are places in line
that were used before: a mailbox keeps up to 64, of some 200 bytes each.

# What is lock-free

Push never waits for another goroutine, nor does TryPut without Options.Dropped:
a producer that sleeps in the middle of a push or of the replacement of a ring
holds up no other producer. It does hold up the consumer, which takes values in
order, until it goes on; the consumer finds nothing and parks meanwhile, even if
a push behind it has returned. Put takes a lock when it finds no room, and the
owner takes that lock when there is a line.

Besides the value that is handed over, five words carry everything between goroutines. Each
has its table where it is used:

	tail     queue.go, room.go,  tickets given out; closed, growing, crowded; that the owner
	         park.go             sleeps and nothing is queued
	slot.lap queue.go            publishes the value in the slot
	head     queue.go, turn.go   values taken; who owns; frees slots
	sleep    park.go             whether a sender owes an owner a wake-up that sleeps otherwise
	kept     place.go            places in line, to be used again

The tests search all interleavings of models of these tables.
*/
package mailbox
