package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// Service is anything that a supervisor can supervise. Serve runs until its context ends and
// then returns soon. It may also end by itself, with nil for a normal end and otherwise with
// an error. It may be called again afterwards.
type Service interface {
	Serve(ctx context.Context) error
}

// Func makes a Service of a function.
type Func func(ctx context.Context) error

// Serve calls f. A nil f panics, and a spec that has one is refused.
func (f Func) Serve(ctx context.Context) error {
	if f == nil {
		panic("supervisor: Serve of a nil Func")
	}
	return f(ctx)
}

// Strategy says which children are restarted when one is.
type Strategy uint8

// The strategies, as in OTP.
const (
	OneForOne  Strategy = iota // that one. The default.
	OneForAll                  // all of them
	RestForOne                 // that one and those after it in the order of the spec
)

// Restart says when a child that has ended is restarted.
type Restart uint8

// The restart types, as in OTP.
const (
	Permanent Restart = iota // always. The default.
	Transient                // unless it ended normally, that is without an error
	Temporary                // never; when it has ended, its spec is forgotten
)

// AutoShutdown says whether the end of significant children ends the supervisor,
// as in OTP.
type AutoShutdown uint8

// The values of AutoShutdown.
const (
	Never          AutoShutdown = iota // the default
	AnySignificant                     // when one of them has ended and is not restarted
	AllSignificant                     // when the last of them has
)

// Values of Spec.MaxRestarts besides a number.
const (
	NoRestarts = -1 // the first restart is one too many
	Unlimited  = -2
)

// Values of Child.Shutdown besides a time.
const (
	AtOnce  time.Duration = -1 // cut off without being asked
	Forever time.Duration = -2 // waited for however long it takes
)

// Defaults.
const (
	DefaultMaxRestarts = 3
	DefaultPeriod      = 5 * time.Second
	DefaultShutdown    = 5 * time.Second
)

// Spec says what a supervisor supervises, and how. The zero value of each field
// is a usable default.
type Spec struct {
	// Which children are restarted together. Default: OneForOne.
	Strategy Strategy

	// MaxRestarts is how many restarts within Period the supervisor puts up with: with one
	// more it stops its children and gives up. 0 means the default, 3; see also NoRestarts
	// and Unlimited. A restart of several children together counts once. Each failed attempt
	// to restart counts.
	MaxRestarts int

	// Default: 5 s.
	Period time.Duration

	// How long stopping all children may take, whatever their own times add up to; those
	// that are left then are cut off. 0: no limit but the children's own.
	Shutdown time.Duration

	// Whether the end of significant children ends the supervisor. Default: Never.
	AutoShutdown AutoShutdown

	// The children, started in this order and stopped in the reverse.
	Children []Child

	// Start the children all at once, and stop them all at once: for children that do not
	// depend on each other. The supervisor is up when all of them are; one that ends
	// meanwhile is restarted at once. Only with OneForOne. Default: one after the other.
	Together bool

	// If set, children are added only at run time, and have no order: they are stopped in
	// parallel (OTP's simple_one_for_one). Fields that an added child leaves zero are taken
	// from here; a Template with a Service is an error. A child without a name gets its
	// service's name with a number. Transient children that have ended normally, or whose
	// service was stopped for good, are forgotten, like temporary ones.
	Template *Child

	// Decides what the restart type does not cover; see Decision. It is called with the name
	// of the child and the error, and the supervisor waits for it. If it panics, or has not
	// returned after 1 s, the table decides in its place, also later until it has returned.
	// Default: none.
	Decider func(child string, err error) Decision

	// Called around each closure of the services below this supervisor: inside of the
	// interceptors of the supervisors above, and the first one outside of the others. See
	// actor.Interceptor. Default: none.
	Interceptors []actor.Interceptor

	// The same for interceptors that choose their closures. They are called inside of
	// Interceptors. One that lacks a function is a fault. Default: none.
	FilteredInterceptors []actor.FilteredInterceptor

	// Where events are logged. Services below that have no logger of their own
	// (actor.WithLogger) log here, too. Default: the parent's, and slog.Default() at the root.
	Logger *slog.Logger

	// Called with each event of this supervisor, and of those below it that have no OnEvent
	// of their own. Its calls come one at a time, on a goroutine of their own. If it falls
	// 1024 events behind, events are dropped and counted (Event.Lost). A panic in it is
	// logged. Default: the parent's.
	OnEvent func(Event)
}

// Child says what a supervisor needs to know of a child.
type Child struct {
	// Unique among its siblings, and without a slash. Default: the service's own
	// name, if it has a method Name() string.
	Name string

	// What is supervised. It may be in a tree only once.
	Service Service

	// Default: Permanent.
	Restart Restart

	// How long the child may take to end once it was told to. 0 means the default: 5 s, and
	// no limit for a supervisor, whose children have their own. See also AtOnce and Forever.
	Shutdown time.Duration

	// How long the child may take to be up; after that the start has failed. 0: no limit.
	StartTimeout time.Duration

	// The child counts for AutoShutdown. Such a child must not be permanent.
	Significant bool

	// The child is up only when it calls Ready; if it returns nil before, it has failed.
	// Services and supervisors know by themselves when they are up. Anything else, without
	// AwaitReady, is up as soon as it was launched.
	AwaitReady bool

	// If set, restarts are delayed. A child with a Backoff is tried again at the
	// start of the tree too, within its StartTimeout.
	Backoff *Backoff
}

// Backoff delays the restarts of a child: the first by Min, each one after that by twice as
// long, and none by more than Max.
type Backoff struct {
	Min time.Duration // default: 100 ms
	Max time.Duration // default: 30 s, or Min if that is longer

	// The part of each delay that is random, from 0 to 1: with 0.2, a delay of 1 s is
	// something between 0.8 s and 1 s. Default: none.
	Jitter float64

	// A child that was up this long begins with Min again. Default: Max.
	Healthy time.Duration

	// Returns numbers from 0 to 1 for the jitter, for tests. If it panics, or has not returned
	// after 1 s, the delay is not shortened. Default: math/rand/v2.
	Rand func() float64
}

func (b *Backoff) withDefaults() Backoff {
	d := *b
	if d.Min == 0 {
		d.Min = 100 * time.Millisecond
	}
	if d.Max == 0 {
		d.Max = max(30*time.Second, d.Min)
	}
	if d.Healthy == 0 {
		d.Healthy = d.Max
	}
	if d.Rand == nil {
		d.Rand = rand.Float64
	}
	return d
}

// delay returns how long to wait before the next restart of a child that has a Backoff.
func (s *Supervisor) delay(c *child) time.Duration {
	b := *c.spec.Backoff
	if b.Rand != nil {
		part, failed := foreign.Ask(&c.methods.questions, "Backoff.Rand", behalf(s, b.Rand))
		if failed != nil {
			s.reporter.unanswered("Backoff.Rand", failed, "path", c.info.Path)
			part = 0
		}
		b.Rand = func() float64 { return part }
	}
	return b.delay(c.tries)
}

// delay returns how long to wait before the restart after n others.
func (b *Backoff) delay(n int) time.Duration {
	d := b.withDefaults()
	t := d.Max
	if n < 62 && d.Min < d.Max>>n {
		t = d.Min << n
	}
	part := d.Rand()
	if !(part >= 0 && part <= 1) { // as of one that is no number
		part = 0
	}
	return t - time.Duration(d.Jitter*part*float64(t))
}

// A SpecError lists everything that is wrong with a spec. Nothing was started.
type SpecError struct{ Faults []string }

// Error names each field and what it may be.
func (e *SpecError) Error() string {
	return "supervisor: bad spec:\n\t" + strings.Join(e.Faults, "\n\t")
}

// checker collects the faults of a tree of specs.
type checker struct {
	faults []string
	seen   map[Service]string // where each service stands, by identity
	tree   *registry          // of the tree to which the specs are added; or nil
}

func (k *checker) fault(format string, args ...any) {
	k.faults = append(k.faults, fmt.Sprintf(format, args...))
}

// validate returns a *SpecError, or nil.
func (s *Supervisor) validate() error {
	k := checker{seen: map[Service]string{}}
	k.name(s.name, "the supervisor's name")
	k.supervisor(s.name, s)
	if k.faults == nil {
		return nil
	}
	return &SpecError{k.faults}
}

func (k *checker) name(name, what string) {
	if name == "" || strings.Contains(name, "/") {
		k.fault("%s is %q: a name is not empty and has no slash", what, name)
	}
}

// named adds the name of a child to where it stands, if it has one.
func named(at, name string) string {
	if name == "" {
		return at
	}
	return fmt.Sprintf("%s %q", at, name)
}

// childName checks the name of a child. nameless is why the service's Name gave no answer.
func (k *checker) childName(name, what string, nameless error) {
	if nameless != nil {
		k.fault("%s of the service %v", what, nameless)
		return
	}
	k.name(name, what)
}

func (k *checker) supervisor(path string, sup *Supervisor) {
	s := &sup.spec
	if s.Strategy > RestForOne {
		k.fault("%s: Strategy is %d: one of OneForOne, OneForAll, RestForOne", path, s.Strategy)
	}
	if s.MaxRestarts < Unlimited {
		k.fault("%s: MaxRestarts is %d: a number, 0 for the default of 3, NoRestarts or Unlimited", path, s.MaxRestarts)
	}
	if s.Period < 0 {
		k.fault("%s: Period is %v: a positive time, or 0 for the default of 5s", path, s.Period)
	}
	if s.Shutdown < 0 {
		k.fault("%s: Shutdown is %v: a positive time, or 0 for no limit", path, s.Shutdown)
	}
	if s.AutoShutdown > AllSignificant {
		k.fault("%s: AutoShutdown is %d: one of Never, AnySignificant, AllSignificant", path, s.AutoShutdown)
	}
	if s.Template != nil {
		k.template(path, s)
	}
	if s.Together && s.Strategy != OneForOne {
		k.fault("%s: Together is set, and Strategy is %v: only with OneForOne have children no order", path, s.Strategy)
	}
	for i, f := range s.Interceptors {
		if f == nil {
			k.fault("%s: Interceptors[%d] is nil", path, i)
		}
	}
	for i, f := range s.FilteredInterceptors {
		if f.Want == nil || f.Run == nil {
			k.fault("%s: FilteredInterceptors[%d] has a nil Want or Run", path, i)
		}
	}
	names := map[string]bool{}
	for i := range s.Children {
		c := &s.Children[i]
		at := fmt.Sprintf("%s: Children[%d]", path, i)
		if lack := lacks(c.Service); lack != "" {
			k.fault("%s: %s", named(at, c.Name), lack)
			continue
		}
		k.childName(c.Name, at+": Name", sup.nameless[i])
		if names[c.Name] && c.Name != "" {
			k.fault("%s: Name is %q, as is a sibling's: names are unique among siblings", at, c.Name)
		}
		names[c.Name] = true
		k.child(named(at, c.Name), c, s)
		k.service(path+"/"+c.Name, c.Service, sup)
	}
}

func (k *checker) template(path string, s *Spec) {
	t := s.Template
	if t.Service != nil || t.Name != "" {
		k.fault("%s: Template has a Service or a Name: those come with each child that is added", path)
	}
	if len(s.Children) > 0 {
		k.fault("%s: Children and Template are both set: children of a template are added at run time", path)
	}
	if s.Together {
		k.fault("%s: Together and Template are both set: children of a template are stopped at once anyway, and started when they are added", path)
	}
	if s.Strategy != OneForOne {
		k.fault("%s: Strategy is not OneForOne, and Template is set: its children have no order", path)
	}
	k.child(path+": Template", t, s)
}

// child checks the fields that do not depend on the service.
func (k *checker) child(at string, c *Child, s *Spec) {
	if c.Restart > Temporary {
		k.fault("%s: Restart is %d: one of Permanent, Transient, Temporary", at, c.Restart)
	}
	if c.Shutdown < Forever {
		k.fault("%s: Shutdown is %v: a positive time, 0 for the default, AtOnce or Forever", at, c.Shutdown)
	}
	if c.StartTimeout < 0 {
		k.fault("%s: StartTimeout is %v: a positive time, or 0 for no limit", at, c.StartTimeout)
	}
	if c.Significant && c.Restart == Permanent {
		k.fault("%s: Significant with Restart Permanent: a permanent child never ends for good", at)
	}
	if c.Significant && s.AutoShutdown == Never {
		k.fault("%s: Significant with AutoShutdown Never: choose AnySignificant or AllSignificant", at)
	}
	if b := c.Backoff; b != nil {
		if b.Min < 0 || b.Max < 0 || b.Max != 0 && b.Max < b.Min {
			k.fault("%s: Backoff from Min %v to Max %v: times that are not negative, Min not above Max", at, b.Min, b.Max)
		}
		if !(b.Jitter >= 0 && b.Jitter <= 1) {
			k.fault("%s: Backoff.Jitter is %v: from 0 to 1", at, b.Jitter)
		}
		if b.Healthy < 0 {
			k.fault("%s: Backoff.Healthy is %v: a positive time, or 0 for Max", at, b.Healthy)
		}
	}
}

func (k *checker) twice(path, first string) {
	k.fault("%s: the service stands in the tree already, as %s", path, first)
}

// service finds services that are in the tree twice, and checks supervisors. If a supervisor
// that is to be added runs already, its children are in its own tree already.
func (k *checker) service(path string, svc Service, of *Supervisor) {
	id := identity(svc)
	if id == nil {
		return
	}
	first := k.seen[id]
	if first == "" {
		first = k.tree.find(id, of)
	}
	if first != "" {
		k.twice(path, first)
		return
	}
	k.seen[id] = path
	if sub := supervisorOf(svc); sub != nil {
		k.supervisor(path, sub)
	}
}
