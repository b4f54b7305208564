package remote

import (
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Info is what can be seen of a node. It is plain data.
type Info struct {
	Node      string // its id, which is another one in each process
	Connected bool
	Server    string // the address of the NATS server, without credentials, or "memory"; "" if not connected
	InFlight  int    // calls and casts that are not answered; see Config.InFlight

	Calls    Calls // of clients
	Casts    Casts // of clients
	Bindings []BindingInfo
	Dropped  uint64 // messages that came faster than bindings took them: NATS' slow consumer
}

// Calls counts calls by what became of them.
type Calls struct {
	Ran     uint64 // the method returned, also with an error
	NotRun  uint64 // it was not called, and will not be
	Crashed uint64 // it panicked
	Unknown uint64 // no answer tells
}

// Casts counts casts. Sent = Accepted + Refused + Unknown + InFlight, always.
type Casts struct {
	Sent     uint64 // and not refused before that
	Accepted uint64 // handed to the service, which accounts for them from then on
	Refused  uint64 // will not run
	Unknown  uint64 // were not answered in time
	InFlight uint64
	Unsent   uint64 // refused before they were sent, and in none of the numbers above
}

// counts are those of calls.
type counts struct{ ran, notRun, crashed, unknown atomic.Uint64 }

func (c *counts) add(what actor.Outcome) {
	switch what {
	case actor.Ran:
		c.ran.Add(1)
	case actor.NotRun:
		c.notRun.Add(1)
	case actor.Crashed:
		c.crashed.Add(1)
	default:
		c.unknown.Add(1)
	}
}

func (c *counts) load() Calls {
	return Calls{c.ran.Load(), c.notRun.Load(), c.crashed.Load(), c.unknown.Load()}
}

// Info returns what can be seen of the node now.
func (n *Node) Info() Info {
	n.made()
	i := Info{Node: n.id, InFlight: int(n.inFlight.Load()), Calls: n.calls.load(), Casts: n.casts.load()}
	if l := n.link.load(); l != nil && l.nc.IsConnected() {
		i.Connected, i.Server = true, address(l.nc)
	}
	for _, b := range n.bindings.all() {
		info := b.Info()
		i.Bindings = append(i.Bindings, info)
		i.Dropped += info.Dropped
	}
	return i
}

// BindingInfo is what can be seen of a binding that is served.
type BindingInfo struct {
	Name     string // under which the service is served
	Type     string // of the interface, as "store.DB"
	Service  string // its name
	State    string // of the service
	InFlight int    // calls that were accepted and are not answered; see WithInFlight

	Calls    Calls  // that were accepted, by what became of them
	Accepted uint64 // casts
	Refused  uint64 // calls and casts that were not accepted

	Dropped    uint64 // messages that came faster than they were taken; their senders are told nothing
	Twice      uint64 // messages that came again while their call was under way
	Unanswered uint64 // answers that could not be sent
}

// served counts what comes to a binding.
type served struct {
	calls                                         counts
	accepted, refused, dropped, twice, unanswered atomic.Uint64
}

// Info returns what can be seen of the binding now.
func (b *Binding) Info() BindingInfo {
	b.made()
	i := BindingInfo{
		Name: b.name, Type: b.of,
		Calls: b.counts.calls.load(), Accepted: b.counts.accepted.Load(), Refused: b.counts.refused.Load(),
		Dropped: b.counts.dropped.Load(), Twice: b.counts.twice.Load(), Unanswered: b.counts.unanswered.Load(),
	}
	i.Service, i.State = b.service()
	i.InFlight = b.open.len()
	if d := b.now.Load(); d != nil {
		i.Dropped += d.dropped()
	}
	return i
}

// Requests returns under which name the service is served, and where, and how many calls are
// under way: a Snapshot of the tree has it, and the page of package observer shows it.
func (b *Binding) Requests() (r supervisor.Requests) {
	b.made()
	if d := b.now.Load(); d != nil && d.nc.IsConnected() {
		r.Addr = b.name + " at " + address(d.nc)
	}
	r.UnderWay = b.open.len()
	return r
}
