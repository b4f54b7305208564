package supervisor

import (
	"context"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/where"
)

// Node is what can be seen of a supervisor or a child of one. It is plain data.
type Node struct {
	Name  string    // among its siblings
	Path  string    // from the root of the tree
	State string    // as ChildInfo.State; of the root, "idle", "starting", "up" or "stopping"
	Since time.Time // of this state; zero for the root

	Restart  string // as in its Child; "" for the root
	Restarts int    // so far
	Err      string // how it ended the last time; "" if it has not, or normally

	Crash *actor.Crash // if that was a panic; nil of a service, whose Info has it

	Service    *actor.Info // of a service; nil if it is none
	Func       string      // of a Func: its name, file and line
	Requests   *Requests   // of a child with a method Requests() Requests, as an httpserver.Server; nil if it has none
	Supervisor *Budget     // of a supervisor, or a child that embeds one, as a pool; nil if it is neither
	Children   []Node      // in their order

	service   Service // nil of the root
	questions *foreign.Questions
}

// Requests is what a child that answers requests is doing. It is plain data.
type Requests struct {
	Addr     string // where it listens; "" if it does not
	UnderWay int    // how many are being answered
	Oldest   string // some of them, by method and path
}

// Budget is what a supervisor puts up with, and how much of that is used. It is plain
// data.
type Budget struct {
	Strategy string        // whom it restarts together
	Max      int           // restarts within Period; Unlimited
	Period   time.Duration // over which they count
	Used     int           // restarts within the last Period

	Crashes []time.Time // when children that were not told to end have failed: the last 100, oldest first
}

var (
	stateNames    = [...]string{"idle", "starting", "up", "stopping"}
	strategyNames = [...]string{"one for one", "one for all", "rest for one"}
	restartNames  = [...]string{"permanent", "transient", "temporary"}
)

// String returns the strategy in words.
func (s Strategy) String() string {
	if int(s) < len(strategyNames) {
		return strategyNames[s]
	}
	return fmt.Sprintf("Strategy(%d)", uint8(s))
}

// String returns the restart type in a word.
func (r Restart) String() string {
	if int(r) < len(restartNames) {
		return restartNames[r]
	}
	return fmt.Sprintf("Restart(%d)", uint8(r))
}

// Snapshot returns what can be seen of the tree: this supervisor and all that is below it,
// with the Info of each service. It never waits for a child or a closure, touches no service's
// value, and may be called from anywhere. If a service is not the library's, Snapshot calls
// its Info or Requests. It waits 1 s at most for all such calls together, leaves out those that
// have not returned, and does not wait for them the next time. Each part of the result is
// right by itself; a change that comes meanwhile may be seen in one part and not in another.
func (s *Supervisor) Snapshot() Node {
	s.made()
	s.mu.Lock()
	n := Node{Name: s.name, Path: s.path, State: stateNames[s.state]}
	err := s.err
	s.mu.Unlock()
	n.Err = textOf(err)
	var v visit
	v.supervisor(&n, s)
	v.ask()
	return n
}

// visit is a look at a tree. It collects what to ask services, to ask all of them together.
type visit struct {
	begin []func() foreign.Asked
	enter []func() // the answers
}

// ask asks the services, and waits for them together.
func (v *visit) ask() {
	foreign.InTurn(nil, len(v.begin), func(i int) foreign.Asked { return v.begin[i]() })
	for _, f := range v.enter {
		f()
	}
}

// toAsk asks a method of the child's service, and has what that answers entered.
func toAsk[V any](v *visit, c *looked, method string, f func() V, enter func(V, error)) {
	if c.ours {
		enter(foreign.Try(f))
		return
	}
	var q *foreign.Question[V]
	v.begin = append(v.begin, func() foreign.Asked {
		q = foreign.Begin(c.questions, method, f)
		return q
	})
	v.enter = append(v.enter, func() { enter(q.Answer()) })
}

// supervisor enters what a node has because it is a supervisor.
func (v *visit) supervisor(n *Node, s *Supervisor) {
	now := time.Now()
	b := newBudget(&s.spec)
	s.mu.Lock()
	n.Supervisor = &Budget{s.spec.Strategy.String(), b.limit, b.period, s.budget.used(now), s.crashes.list()}
	s.mu.Unlock()
	if b.limit < 0 {
		n.Supervisor.Max = Unlimited
	}
	all := s.looked()
	if len(all) > 0 {
		n.Children = make([]Node, len(all))
	}
	for i := range all {
		v.child(&n.Children[i], &all[i])
	}
}

// looked is a child that is looked at, with the questions to its service that are under way.
type looked struct {
	ChildInfo
	questions *foreign.Questions
	ours      bool
}

func (s *Supervisor) looked() []looked {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.order == nil {
		return nil
	}
	all := make([]looked, 0, s.order.Len())
	for e := s.order.Front(); e != nil; e = e.Next() {
		c := e.Value.(*child)
		all = append(all, looked{c.info, &c.methods.questions, c.ours})
	}
	return all
}

// child enters a child, and what is below it.
func (v *visit) child(n *Node, c *looked) {
	*n = Node{
		Name: c.Name, Path: c.Path, State: c.State.String(), Since: c.Since,
		Restart: c.Restart.String(), Restarts: c.Restarts, service: c.Service, questions: c.questions,
	}
	n.Err = textOf(c.Err)
	if sub := supervisorOf(c.Service); sub != nil {
		v.supervisor(n, sub)
		if _, own := c.Err.(*actor.PanicError); own { // of the Serve of what embeds it
			n.Crash = crashOf(c.Err, n.Err)
		}
		return
	}
	if svc, ok := c.Service.(interface{ Info() actor.Info }); ok {
		toAsk(v, c, "Info", svc.Info, func(i actor.Info, no error) {
			if no != nil {
				n.Crash = crashOf(c.Err, n.Err)
				return
			}
			n.Service = &i
		})
		return
	}
	n.Crash = crashOf(c.Err, n.Err)
	if svc, ok := c.Service.(interface{ Requests() Requests }); ok {
		toAsk(v, c, "Requests", svc.Requests, func(r Requests, no error) {
			if no == nil {
				n.Requests = &r
			}
		})
	}
	if f, ok := c.Service.(Func); ok {
		n.Func = where.Entry((func(context.Context) error)(f)).String()
	}
}

// History returns the last closures of a service, oldest first, as they are now and not when
// the Snapshot was made. It returns nil if the node is no service, or if the service keeps
// none; see actor.Instruments.History.
func (n Node) History() []actor.ClosureRecord {
	svc, ok := n.service.(interface{ History() []actor.ClosureRecord })
	if n.Service == nil || !ok {
		return nil
	}
	q := begin(n.questions, n.service, false, "History", svc.History)
	foreign.Await(nil, q)
	kept, _ := q.Answer()
	return kept
}

// crashOf returns the panic in an error, or nil if there is none. When it was, and how many
// there were, is not known.
func crashOf(err error, text string) *actor.Crash {
	p, ok := foreign.As[*actor.PanicError](err)
	if !ok {
		return nil
	}
	return &actor.Crash{Message: text, Func: p.Func, File: p.File, Line: p.Line, Err: p}
}

// textOf returns what an error says, which was kept when it came.
func textOf(err error) string {
	if err == nil {
		return ""
	}
	return foreign.Text(err)
}
