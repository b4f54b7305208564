package actor

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// An Option sets something about a service when it is made. Options are given to
// Start and New, and apply in their order.
type Option func(*options)

// Overflow says what a bounded service does with a closure for which it has no
// room.
type Overflow uint8

const (
	// Reject refuses the new closure with ErrMailboxFull. The default.
	Reject Overflow = iota
	// DropOldest takes the new one and drops the one that waits longest: a
	// closure becomes a dead letter, a call ends with ErrMailboxFull. No sender waits
	// for room then.
	DropOldest
)

// QueuePolicy says what becomes of the queue when an incarnation ends and another
// one is to follow.
type QueuePolicy uint8

const (
	// KeepQueue lets the next incarnation run what is queued. The default.
	KeepQueue QueuePolicy = iota
	// FailQueue ends queued calls with ErrRestarted; queued closures become dead
	// letters.
	FailQueue
)

// drainTime is how long a service whose Serve context has ended may take to run
// what it had accepted.
const drainTime = 5 * time.Second

// options are what a service was made with: immutable, and shared by all services
// that were made with none.
type options struct {
	name        string // "": the type's
	capacity    int
	overflow    Overflow
	queue       QueuePolicy
	deadLetters func(DeadLetter)
	logger      *slog.Logger
	slow        time.Duration
	drain       time.Duration
	works       int
	batch       *batch
	thread      bool
	noClose     bool
	instruments Instruments
	intercept   []FilteredInterceptor
}

// pipeLimit is the default of WithPipeLimit.
const pipeLimit = 64

var noOptions = options{drain: drainTime, works: pipeLimit}

func newOptions(opts []Option) *options {
	if len(opts) == 0 {
		return &noOptions
	}
	o := noOptions
	for _, opt := range opts {
		if opt == nil {
			panic("actor: nil option")
		}
		opt(&o)
	}
	if o.overflow == DropOldest && o.capacity == 0 {
		panic("actor: WithOverflow(DropOldest) needs WithCapacity")
	}
	return &o
}

// WithName names the service in logs, errors and reports, and in its supervision
// tree. The default is the name of its type. A name is not empty and has no
// slash, which separates the names of a path; other names panic.
func WithName(name string) Option {
	if name == "" || strings.Contains(name, "/") {
		panic(fmt.Sprintf("actor: WithName(%q): a name is not empty and has no slash", name))
	}
	return func(o *options) { o.name = name }
}

// WithCapacity bounds the service to n closures that wait, the running one not
// counted. The default is unbounded, with a warning in the log each time the
// number of waiting closures doubles past 16384. n below 1 panics.
//
// When there is no room, Do and Async are refused at once, and Call waits. For a call that
// is refused at once, use Async(svc, f).Await(ctx).
//
// Senders that may be faster than the service need a bound, and DoContext, which waits for
// room. A flood of senders that do not wait fills the memory and slows the rest of the
// program down: with a bound of 128, the slowest hundredth of the requests of an HTTP server
// beside a flood took about a third of the time (docs/performance.rst).
func WithCapacity(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("actor: WithCapacity(%d): a capacity is at least 1", n))
	}
	return func(o *options) { o.capacity = n }
}

// WithOverflow chooses what happens to a closure for which a bounded service has
// no room.
func WithOverflow(policy Overflow) Option {
	if policy > DropOldest {
		panic(fmt.Sprintf("actor: WithOverflow(%d): no such policy", policy))
	}
	return func(o *options) { o.overflow = policy }
}

// WithQueuePolicy chooses what becomes of the queue at a restart.
func WithQueuePolicy(policy QueuePolicy) Option {
	if policy > FailQueue {
		panic(fmt.Sprintf("actor: WithQueuePolicy(%d): no such policy", policy))
	}
	return func(o *options) { o.queue = policy }
}

// WithDeadLetters has hook called with every closure that was accepted and will not run, and
// with every closure, or value of a topic, that was refused. A closure that crashed has run.
// hook is called on a sender's goroutine, or on one that the service, Stop or Kill waits for,
// so several calls may run at once: it must not block. Kill, a supervisor, and a Stop whose
// context has ended wait for it no longer than 0.1 s, and not again until it has returned. A
// panic in hook is logged, and goes no further.
//
// A hook may hand closures to services. Closures that are lost by that, on the hook's own
// goroutine and also through other hooks, are counted, and logged at a limited rate, but hook
// is not called for them: one that hands letters to a stopped service would call itself for ever.
func WithDeadLetters(hook func(DeadLetter)) Option {
	if hook == nil {
		panic("actor: WithDeadLetters(nil)")
	}
	return func(o *options) { o.deadLetters = hook }
}

// WithLogger has the service log to l. The handler of l is called on the goroutines of the
// service and of its callers, and must not block. If it panics, the record is lost; records
// that the handler itself causes by using services are lost too. The default is the logger of
// the supervisor above the service (supervisor.Spec), or of the next one above that. If none
// has a logger, it is slog.Default() at the time of the record.
func WithLogger(l *slog.Logger) Option {
	if l == nil {
		panic("actor: WithLogger(nil)")
	}
	return func(o *options) { o.logger = l }
}

// WithSlowClosure reports closures that run longer than d, in the log, with
// function and line: once when it is noticed, between d and twice d after the
// start, and again at growing intervals, eight times at the most. The default is
// not to watch. d of 0 or less panics.
func WithSlowClosure(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("actor: WithSlowClosure(%v): a threshold is positive", d))
	}
	return func(o *options) { o.slow = d }
}

// WithDrainTime bounds how long the service goes on with what it had accepted
// when the context of Serve has ended and no supervisor says otherwise. The
// default is 5 s. Negative values panic; with 0, nothing more is run.
func WithDrainTime(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("actor: WithDrainTime(%v): a time is not negative", d))
	}
	return func(o *options) { o.drain = d }
}

// WithOSThread gives each incarnation, from its constructor to its Close, an operating
// system thread that nothing else runs on (runtime.LockOSThread), for libraries with
// thread-local state. However the incarnation ends, its thread ends too, so that no other
// goroutine inherits the state; after a cut-off, the thread ends when the closure returns.
// Each incarnation pays for the start of a thread.
func WithOSThread() Option { return func(o *options) { o.thread = true } }

// WithoutClose has the service not call Close() error or Close() of T when an incarnation
// ends. It is for a T that embeds something closable which T does not own.
func WithoutClose() Option { return func(o *options) { o.noClose = true } }

// Instruments say what a service looks at while it runs closures. The zero value is
// nothing, and costs a closure nothing; docs/observing.rst has the price of each.
type Instruments struct {
	// Times has the service measure how long each closure waits and runs, for Info.Waits
	// and Info.Runs. Sender and owner read the clock once for each closure, and a Do
	// allocates room for the time.
	Times bool

	// History is how many of the last closures are kept, with name, call site, time in
	// the queue and run time: see Service.History, PanicError.History. With 0, none are
	// kept until something goes wrong: after a crash, a slow closure or a refused deadlock
	// the service keeps 16, without call sites and times in the queue, during its next
	// 65536 closures. A positive number is also what is kept then; with a negative one,
	// none are kept even then.
	History int
}

// DeadLetter is a closure that will not run.
type DeadLetter struct {
	Service string // name of the service it was meant for
	Func    string // name of the closure, as Go spells it
	File    string // where the closure begins
	Line    int

	// Reason matches ErrStopped, ErrMailboxFull or ErrRestarted, or ErrRefused if an
	// interceptor did not let the closure run. For a refused DoContext it may also match
	// the context's error, or be a *DeadlockError, which matches ErrNotRun.
	Reason error
	// Refused: the closure was never accepted. Either Do or DoContext returned Reason, or
	// the closure is an event for which there was no room.
	Refused bool
	// Call: a caller waited for the closure, and was answered with Reason.
	Call bool
}
