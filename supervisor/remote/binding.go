package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/supervisor"
)

// Binding serves a service under a name. Bind makes it, a supervisor serves it.
type Binding struct {
	// Immutable.
	n       *Node
	name    string
	of      string // the type of the interface
	methods map[string]*entry
	errors  *knownErrors
	opts    options

	describe  func() described // asks the service
	questions foreign.Questions

	serving atomic.Bool
	now     atomic.Pointer[desk] // of the present Serve; nil: there is none
	counts  served
	open    *underWay
}

// entry is a method of a binding, with its service.
type entry struct {
	text    string
	sig     string
	cast    bool
	results array
	hand    func(ctx context.Context, as format, payload []byte) (future, error)
}

// Bind serves a service or a pool under a name, in the queue group "nano": several processes
// that bind one name share its calls. It is a child of a supervisor, to stand after what it
// serves: up when the subscription is known to the server. At its end it takes nothing new,
// answers what was accepted within Child.Shutdown, and returns. A name is tokens of
// A-Z a-z 0-9 _ - joined by dots; others panic, and so do a nil node, service or interface,
// a method that is there twice, and types that cannot cross.
func Bind[T any](n *Node, name string, svc actor.Ref[T], i *Interface[T], opts ...BindOption) *Binding {
	n.made()
	mustName(name)
	must(svc != nil && i != nil, "remote: Bind without a service or an interface")
	b := &Binding{n: n, name: name, of: i.Type, methods: map[string]*entry{}, errors: newKnownErrors(i.Errors), opts: standard()}
	b.describe = func() described { return describe(svc) }
	for _, m := range i.Methods {
		must(m.hand != nil, "remote: a Method is made by Call or Cast")
		err := errors.Join(m.args.refused, m.results.refused)
		must(err == nil, fmt.Sprintf("remote: Bind: %v", err))
		method := nameOf(m.signature)
		must(b.methods[method] == nil, "remote: two methods "+method)
		b.methods[method] = &entry{
			text: m.signature, sig: hashOf(m.signature), cast: m.cast, results: m.results,
			hand: func(ctx context.Context, as format, payload []byte) (future, error) {
				return m.hand(ctx, svc, as, payload)
			},
		}
	}
	for _, o := range opts {
		must(o.apply != nil, "remote: a zero BindOption")
		o.apply(&b.opts)
	}
	b.open = newUnderWay(b.opts.inFlight)
	return b
}

// described is name and state of what has them, as a service does.
type described struct{ name, state string }

func describe(svc any) described {
	if s, ok := svc.(interface{ Info() actor.Info }); ok {
		info := s.Info()
		return described{info.Name, info.State.String()}
	}
	if s, ok := svc.(interface{ Name() string }); ok {
		return described{name: s.Name()}
	}
	return described{}
}

// service returns name and state of the service. A struct around one may have such methods of
// its own; without an answer they are empty.
func (b *Binding) service() (name, state string) {
	d, _ := foreign.Ask(&b.questions, "Info", b.describe)
	return d.name, d.state
}

// made panics if b is nil or a zero Binding.
func (b *Binding) made() { must(b != nil && b.n != nil, "remote: a Binding is made by Bind") }

// Name returns the name under which the service is served, the name of a child that is given no
// other.
func (b *Binding) Name() string { b.made(); return b.name }

// SignalsReady tells a supervisor that the binding is up when it says so.
func (b *Binding) SignalsReady() bool { return true }

// Serve subscribes, when the node is connected, and hands over what arrives, until ctx
// ends. Then it takes nothing new, and waits as long as calls are under way and the child has
// time (supervisor.ShutdownTime), but for a tenth of that: then the contexts of those that are
// left end, what is queued is not run, and what is running has the tenth to return in, before
// its callers are told that it is unknown. If it is to be served again, calls go on meanwhile, and are answered by the
// connection that there is then. It returns an error if the connection is closed for good, or a
// message's own unmarshaler has ended the goroutine. It returns actor.ErrServed if the
// binding is being served.
func (b *Binding) Serve(ctx context.Context) error {
	b.made()
	must(ctx != nil, "remote: Serve with a nil context")
	if !b.serving.CompareAndSwap(false, true) {
		return actor.ErrServed
	}
	defer b.serving.Store(false)
	ctx = foreign.Sound(ctx)
	l, err := b.connected(ctx)
	if l == nil {
		return err
	}
	d := newDesk(b, l)
	if err := d.begin(ctx); err != nil {
		d.finish(0, false)
		return fmt.Errorf("remote: binding of %s: %w", b.name, err)
	}
	b.now.Store(d)
	b.n.bindings.add(b)
	defer b.n.bindings.remove(b)
	supervisor.Ready(ctx)
	err = d.watch(ctx)
	b.now.Store(nil)
	b.counts.dropped.Add(d.dropped()) // which is not known behind its end
	// After an error it will be served again.
	d.finish(shutdownTime(ctx), err == nil && !foreign.Caused(ctx, actor.Restart))
	return err
}

// connected waits for the node's connection. It returns nil if ctx ends.
func (b *Binding) connected(ctx context.Context) (*link, error) {
	for {
		l, next := b.n.link.wait()
		if l != nil {
			return l, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-next:
		}
	}
}

// shutdownTime returns what time the child has. A tenth of it is for methods to return in
// when their contexts have ended.
func shutdownTime(ctx context.Context) time.Duration {
	switch t := supervisor.ShutdownTime(ctx); t {
	case supervisor.Forever:
		return 1<<63 - 1
	case supervisor.AtOnce:
		return 0
	default:
		return t
	}
}

// registry is the bindings of a node that are served, in the order of their beginnings.
type registry struct {
	mu   sync.Mutex
	list []*Binding // guarded by mu
}

func (r *registry) add(b *Binding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, b)
}

func (r *registry) remove(b *Binding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = slices.DeleteFunc(r.list, func(other *Binding) bool { return other == b })
}

func (r *registry) all() []*Binding {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}
