package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// narrator prints events and trees.
type narrator struct {
	w      io.Writer
	root   *supervisor.Supervisor
	events <-chan supervisor.Event
	titles int
}

func newNarrator(w io.Writer, root *supervisor.Supervisor, events <-chan supervisor.Event) *narrator {
	return &narrator{w: w, root: root, events: events}
}

func (n *narrator) title(s string) {
	if n.titles > 0 {
		fmt.Fprintln(n.w)
	}
	n.titles++
	fmt.Fprintf(n.w, "%d. %s\n\n", n.titles, s)
}

// until prints the events up to that one, and then the tree.
func (n *narrator) until(last string) {
	for e := range n.events {
		line := fmt.Sprintf("%v %s", e.Kind, e.Path)
		fmt.Fprintln(n.w, "  "+line+reason(e))
		if line == last {
			break
		}
	}
	fmt.Fprintln(n.w)
	fmt.Fprintln(n.w, "  "+n.root.Name())
	n.tree(n.root, "  ")
}

// reason returns why something happened. That of a panic is its value: where it
// happened differs between machines.
func reason(e supervisor.Event) string {
	var gaveUp *supervisor.GaveUpError
	var panicked *actor.PanicError
	switch {
	case e.Err == nil || e.Kind == supervisor.Restarting:
		return ""
	case errors.As(e.Err, &gaveUp):
		return fmt.Sprintf(": %d restart within %v was not enough", gaveUp.Restarts, gaveUp.Period)
	case errors.As(e.Err, &panicked):
		return fmt.Sprintf(": panic: %v", panicked.Value)
	}
	return ": " + e.Err.Error()
}

// tree prints the children of s, and theirs.
func (n *narrator) tree(s *supervisor.Supervisor, indent string) {
	children := s.Children()
	for i, c := range children {
		branch, below := "├── ", "│   "
		if i == len(children)-1 {
			branch, below = "└── ", "    "
		}
		line := indent + branch + c.Name + ": " + c.State.String()
		if c.Restarts > 0 {
			line += fmt.Sprintf(", restarts: %d", c.Restarts)
		}
		fmt.Fprintln(n.w, line)
		if sub, ok := c.Service.(*supervisor.Supervisor); ok {
			n.tree(sub, indent+below)
		}
	}
}

// cash prints what is in the till: what was put into the one that crashed is gone,
// and what had been handed over and not begun is in the new one.
func (n *narrator) cash(ctx context.Context, svc *actor.Service[till]) error {
	cash, err := actor.Get(ctx, svc, (*till).count)
	if err == nil {
		fmt.Fprintf(n.w, "\n  in the till: %d\n", cash)
	}
	return err
}
