package actor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/where"
)

// graph orders the slow path: waits that find their target waiting too.
var graph sync.Mutex

// event is what ends a wait, besides the end of the target: an answer, a mark that something
// else has come, or the end of the waiter's context. It is immutable.
type event struct {
	reply *reply          // nil if it is not an answer
	come  *atomic.Bool    // set when room, or an incarnation's end, has come; nil if it is neither
	ends  <-chan struct{} // Done of the context; nil if it never ends
}

// stop reports whether the wait is for the service itself, and not for an answer or for room.
func (e *event) stop() bool { return e.reply == nil && e.come == nil }

// needs reports whether a wait for e is also held up by what a goroutine with via waits for.
func (e *event) needs(via speaker) bool {
	return via == nil || !via.closure().work || e.stop() || via.owing() != nil && via.owing() == e.reply
}

func (e *event) happened() bool {
	if r := e.reply; r != nil {
		if s := r.state.Load(); s == settled || s == abandoned {
			return true
		}
	}
	select {
	case <-e.ends: // graph is held: the context itself, which may be the program's, is not asked
		return true
	default:
	}
	return e.come != nil && e.come.Load()
}

// of returns the event with ctx as another end, if that can end.
func (e *event) of(ctx context.Context) *event {
	ends := ctx.Done()
	if ends == nil {
		return e
	}
	return &event{e.reply, e.come, ends}
}

// wait is one edge.
type wait struct {
	from *incarnation // that waits; nil: held waits
	held *core        // a service that waits to be started
	to   *core        // nil: out
	out  string       // what is outside of the process, in words; see WaitOutside
	on   *event
	via  speaker // the closure on whose behalf another goroutine waits; nil: from's own waits
	site where.Site
	seq  uint64 // of from.waits; 0 if the wait is one of from.waits.others
	next *wait
}

// caller is an incarnation that waits, on its own goroutine or on another that has its
// context. The zero caller stands for a goroutine of no service that the library knows.
type caller struct {
	in   *incarnation
	via  speaker // whose context the goroutine has; nil: it is the incarnation's own
	edge *wait   // its wait, if that is in the list
}

// callerOf finds out for which incarnation the running goroutine is about to wait. If the
// goroutine serves one, it is that. Otherwise it is the one whose closure passed its context
// on, as long as that closure runs; see Detach.
func callerOf(ctx context.Context) caller {
	if in := owners.Current(); in != nil {
		if in.lost.Load() {
			return caller{}
		}
		return caller{in: in}
	}
	if ctx.Done() == nil { // nor is it derived from a closure's: that would end
		return caller{}
	}
	via, ok := ctx.Value(closureKey{}).(speaker)
	if !ok {
		return caller{}
	}
	if x := via.closure(); !x.left.Load() && !x.in.lost.Load() {
		return caller{in: x.in, via: via}
	}
	return caller{}
}

// wait makes the edge from the caller to c. If that would close a cycle, it returns a
// *DeadlockError and forgets the caller instead. When the wait is over, call waited.
func (k *caller) wait(ctx context.Context, c *core, on *event, closure where.Place, from where.Origin) error {
	w := &k.in.waits
	if k.in.c == c && (k.via == nil || !k.via.closure().work) {
		err := c.awaitsItself(ctx, closure, from.In())
		k.refused(err)
		return err
	}
	var site where.Site
	if k.via == nil && w.seq.Load()&1 == 0 {
		if k.in.retries {
			site = where.SiteAt(outside(ctx, from))
		} else {
			site = from.Above()
		}
		w.own.Get().site.Store(&site)
		if w.target.Load() != c {
			w.target.Store(c)
		}
		if w.event.Load() != on {
			w.event.Store(on)
		}
		w.seq.Add(1)
		if !c.mayWait() {
			return nil
		}
		graph.Lock()
	} else {
		site = where.SiteAt(outside(ctx, from))
		graph.Lock()
		k.add(&wait{to: c, on: on, site: site})
	}
	if err := k.closes(c, on, site, closure); err != nil {
		err.Cycle[0].Site = outside(ctx, from).String()
		k.refused(err)
		return err
	}
	return nil
}

// awaitsItself returns the error of a cycle of one.
func (c *core) awaitsItself(ctx context.Context, closure where.Place, from where.Origin) *DeadlockError {
	return &DeadlockError{Cycle: []WaitsFor{{Service: c.Name(), For: c.Name(), Site: outside(ctx, from).String()}}, closure: closure}
}

// add puts a wait of the caller into the list. graph is held.
func (k *caller) add(e *wait) {
	w := &k.in.waits
	e.from, e.via, e.next = k.in, k.via, w.others
	k.edge, w.others = e, e
	w.more.Add(1)
}

// closes takes the edge back if it closes a cycle. graph is held, and closes releases it.
func (k *caller) closes(c *core, on *event, site where.Site, closure where.Place) *DeadlockError {
	defer graph.Unlock()
	path := cycle(c, wait{from: k.in, on: on, via: k.via})
	if path == nil {
		return nil
	}
	err := &DeadlockError{closure: closure}
	for _, e := range slices.Concat([]wait{{from: k.in, to: c, site: site}}, path) {
		err.Cycle = append(err.Cycle, e.inWords())
	}
	k.remove()
	return err
}

// refused completes the error, and forgets the caller, since it does not wait.
func (k *caller) refused(err *DeadlockError) {
	k.explain(err)
	k.in.steps.Trouble(err)
	*k = caller{}
}

// waited takes the edge back. It does nothing for a zero or forgotten caller.
func (k *caller) waited() {
	if k.in == nil {
		return
	}
	if k.edge != nil {
		graph.Lock()
		k.remove()
		graph.Unlock()
	} else {
		k.remove()
	}
	k.in.steps.Resume()
}

func (k *caller) remove() {
	w := &k.in.waits
	if k.edge == nil {
		w.seq.Add(1)
		return
	}
	e := &w.others
	for *e != k.edge {
		e = &(*e).next
	}
	*e = k.edge.next
	w.more.Add(-1)
	k.edge = nil
}

// cycle returns waits that lead from at to the new one and were all there at one instant, or
// nil. graph is held. If a part of a path has gone meanwhile, the path is no answer, and what
// was ruled out along it is not known either, so the search begins anew. It comes to an end,
// since each new search means that a wait has ended.
func cycle(at *core, new wait) []wait {
	for {
		path := findPath(at, new.on, new, nil, map[arrival]bool{})
		if path == nil || stillThere(path) {
			return path
		}
	}
}

// anAnswer stands for the answer of a call that is not made yet.
var anAnswer = &event{reply: new(reply)}

// awaits reports whether a call of in to the service would close a cycle of more than one.
func (c *core) awaits(in *incarnation) bool {
	if in.c == c || !c.mayWait() {
		return false
	}
	graph.Lock()
	defer graph.Unlock()
	return cycle(c, wait{from: in, on: anAnswer}) != nil
}

// arrival is a service on a path, with what the wait that leads to it needs of it.
type arrival struct {
	at    *core
	stop  bool
	reply *reply // of a CallLater
}

// findPath returns waits that lead from at to the goal, or nil. on is what the wait that led
// to at is for. graph is held.
func findPath(at *core, on *event, goal wait, path []wait, seen map[arrival]bool) []wait {
	here := arrival{at: at, stop: on.stop()}
	if on.reply != nil && on.reply.later {
		here.reply = on.reply
	}
	if seen[here] {
		return nil
	}
	seen[here] = true
	for _, e := range at.edges() {
		if e.to == nil || !e.there() || !on.needs(e.via) {
			continue
		}
		if e.held != nil && on.stop() { // of what is not served, Stop and Pause wait for nothing
			continue
		}
		longer := append(path, e)
		if e.to != goal.from.c || !e.on.needs(goal.via) {
			longer = findPath(e.to, e.on, goal, longer, seen)
		}
		if longer != nil {
			return longer
		}
	}
	return nil
}

// edges returns what the service waits for.
func (c *core) edges() (es []wait) {
	if in := c.in.Load(); in != nil {
		return in.edges()
	}
	for _, x := range c.heldUp() {
		es = append(es, wait{held: c, to: x, on: anAnswer})
	}
	return es
}

// inWords returns the wait in words.
func (e *wait) inWords() WaitsFor {
	switch {
	case e.held != nil:
		return WaitsFor{Service: e.held.Name(), For: e.to.Name(), Site: "the start of " + e.held.starter().Name()}
	case e.to == nil:
		return WaitsFor{e.from.c.Name(), e.out, e.site.String(), true}
	}
	return WaitsFor{Service: e.from.c.Name(), For: e.to.Name(), Site: e.site.String()}
}

func (in *incarnation) edges() (es []wait) {
	w := &in.waits
	if seq := w.seq.Load(); seq&1 == 1 {
		e := wait{from: in, to: w.target.Load(), on: w.event.Load(), site: w.own.Get().site.Load(), seq: seq}
		if w.seq.Load() == seq {
			es = append(es, e)
		}
	}
	for e := w.others; e != nil; e = e.next {
		es = append(es, *e)
	}
	return es
}

func stillThere(path []wait) bool {
	for _, e := range path {
		if !e.there() {
			return false
		}
	}
	return true
}

// there reports whether the wait goes on.
func (e *wait) there() bool {
	switch {
	case e.held != nil:
		return slices.Contains(e.held.heldUp(), e.to)
	case e.on.happened(), e.via != nil && e.via.closure().left.Load():
		return false
	case e.seq != 0 && e.from.waits.seq.Load() != e.seq:
		return false
	}
	return e.from.c.in.Load() == e.from
}

// DeadlockError is the error of a wait that was refused because it would have closed a cycle
// of services that wait for each other, none of which could have gone on. Nothing was queued,
// so its outcome is NotRun. It matches ErrSelfCall if the cycle is a service that waits for
// itself.
type DeadlockError struct {
	// The waits of the cycle, the refused one first. For of each is Service of the next, and
	// For of the last is Service of the first.
	Cycle []WaitsFor

	callers []link
	trail   trail
	closure where.Place
}

// WaitsFor is a wait of a service for another one, or for something outside of the process.
type WaitsFor struct {
	Service string // the service that waits
	For     string // what it waits for
	Site    string // where, as function, file and line
	Outside bool   // For is no service of this process; see WaitOutside
}

// Error names the cycle and the call sites.
func (e *DeadlockError) Error() string {
	var b strings.Builder
	b.WriteString("actor: deadlock: ")
	if len(e.Cycle) == 1 {
		b.Reset()
		b.WriteString(ErrSelfCall.Error() + ": ")
	}
	for i, w := range e.Cycle {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s waits for %s in %s", w.Service, w.For, w.Site)
	}
	if e.closure != (where.Place{}) {
		fmt.Fprintf(&b, " (call of %v refused)", e.closure)
	}
	return b.String()
}

// Is matches ErrNotRun, and ErrSelfCall for a cycle of one.
func (e *DeadlockError) Is(target error) bool {
	return target == ErrNotRun || target == ErrSelfCall && len(e.Cycle) == 1
}

func (e *DeadlockError) outcome() Outcome { return NotRun }

// Callers returns the closures on whose behalf the one that was refused ran, the nearest
// first, as far as contexts tell.
func (e *DeadlockError) Callers() []Caller { return callers(e.callers) }

// History returns the last closures of the service that was refused, oldest first, if
// it kept them: see Instruments.
func (e *DeadlockError) History() []ClosureRecord { return e.trail.closures() }

// explain completes the error of a wait that was refused to the caller.
func (k *caller) explain(err *DeadlockError) {
	in, c := k.in, k.in.c
	switch {
	case k.via != nil:
		_, err.callers = chainOf(c, k.via.closure().Context)
	default: // it is the goroutine that runs the closure
		if j, ok := c.box.Peek(); ok {
			_, err.callers = callChain(c, j)
		}
	}
	if !in.lost.Load() {
		err.trail = c.trail()
	}
	c.alarmed()
}
