package actor

import (
	"context"
	"errors"
	"log/slog"

	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// What a supervisor needs of a service besides Serve: a context that says what follows
// (Supervised), a cause that says what the end of it is meant to be (Restart), and the
// methods below. Package supervisor says more through package tree.

// Restart is the cause (context.Cause) with which a supervisor ends the context
// of Serve if another Serve is to follow: the service ends after its current
// closure and keeps its queue. With any other cause it is a stop: the service
// runs what it accepted, and refuses everything new.
//
//lint:ignore ST1012 it is a cause, and never returned as an error
var Restart = errors.New("actor: restart")

// Supervised returns a context for Serve which says that another Serve or Abandon
// follows. So when Serve has returned the service is pending, and keeps its queue; and it
// leaves the time for draining to the caller, who calls CutOff. path is the name of the
// service from then on; "" leaves the name that it has. It is for supervisors that are
// not of package supervisor.
func Supervised(ctx context.Context, path string) context.Context {
	must(ctx != nil, "actor: Supervised with a nil context")
	return tree.WithPlace(ctx, tree.Place{Path: path})
}

// noticeHidden is called by the second incarnation: it says that the queue of the one before
// was not kept, if the supervisor could not know that it had one.
func (c *core) noticeHidden(ctx context.Context) {
	if place, _ := tree.PlaceOf(ctx); place.Hidden {
		c.log(slog.LevelWarn, "its queue is not kept through restarts: its supervisor has a child that serves it, and that has "+
			"not its methods; a struct that embeds the service, or its proxy, has them")
	}
}

// SignalsReady is Service.SignalsReady.
func (c *core) SignalsReady() bool { return true }

// StartedBy is Service.StartedBy.
func (c *core) StartedBy(by tree.Starter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := stand{starter: by}
	if before := c.stand.Load(); before != nil {
		at.path = before.path
	}
	c.stand.Store(&at)
}

// Abandon is Service.Abandon.
func (c *core) Abandon() {
	c.made()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case Pending:
		c.hurries()
		c.retire(nil)
	case Running:
		c.supervised = false // when Serve returns, the service will be down
	}
}

// CutOff is Service.CutOff.
func (c *core) CutOff(goOn bool) (running string) {
	c.mu.Lock()
	in := c.in.Load()
	c.mu.Unlock()
	if _, l := c.cutOff(in, !goOn); l != (where.Place{}) {
		return l.String()
	}
	return ""
}
