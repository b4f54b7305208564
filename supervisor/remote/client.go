package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// Client is what a generated client calls through. NewClient makes it; its methods may be
// called by any number of goroutines.
type Client struct {
	n       *Node
	name    string
	of      Signatures
	methods map[string]*method // by name; immutable
	errors  *knownErrors
	account account
}

// method is one of a client's.
type method struct {
	sig    string // the value of the header
	text   string
	title  string   // "store.DB/Total"
	waits  string   // what a service that calls it waits for
	shapes sync.Map // reflect.Type of arguments or results: array
}

// NewClient is called by generated code. A nil node panics, and so do a name that is none
// (see Bind) and signatures that are none.
func NewClient(n *Node, name string, i Signatures) *Client {
	n.made()
	mustName(name)
	c := &Client{n: n, name: name, of: i, methods: map[string]*method{}, errors: newKnownErrors(i.Errors)}
	for _, text := range i.Methods {
		name := nameOf(text)
		must(c.methods[name] == nil, "remote: two signatures of "+name)
		c.methods[name] = &method{sig: hashOf(text), text: text, title: i.Type + "/" + name, waits: i.Type + "/" + name + " of " + c.name}
	}
	return c
}

// method returns that of the name.
func (c *Client) method(name string) *method {
	c.made()
	m := c.methods[name]
	must(m != nil, fmt.Sprintf("remote: the client of %s has no signature of %.100q", c.name, name))
	return m
}

// shape returns what is known of the type of arguments or results.
func (m *method) shape(t reflect.Type) array {
	if a, ok := m.shapes.Load(t); ok {
		return a.(array)
	}
	a := arrayOf(m.text, t)
	m.shapes.Store(t, a)
	return a
}

// Name returns the name that the client calls.
func (c *Client) Name() string { c.made(); return c.name }

func (c *Client) made() { must(c != nil && c.n != nil, "remote: a Client is made by NewClient") }

// Sync waits until all casts of the client so far are accounted for, and returns an error
// that joins those that were not accepted since the last Sync. It ends with ctx, and then
// the error is that of ctx.
func (c *Client) Sync(ctx context.Context) error {
	c.made()
	for _, b := range c.account.batches() {
		select {
		case <-b:
		case <-ctx.Done():
			return fmt.Errorf("remote: Sync of %s: %w", c.name, foreign.Why(ctx))
		}
	}
	return c.lost()
}

// Peer is who serves a name.
type Peer struct {
	Node    string `json:"node"`    // id of its node, which is another one in each process
	Version string `json:"version"` // of the module that has the binding's main package; "" if it has none
	Type    string `json:"type"`    // of the interface, as "store.DB"
	Service string `json:"service"` // name of the service, or ""
	State   string `json:"state"`   // of the service, as "running", or "" if it has none
}

// Ping asks whoever serves the name who that is. The error matches ErrNoService if no process does.
func (c *Client) Ping(ctx context.Context) (Peer, error) {
	c.made()
	ctx, cancel := c.n.bounded(ctx)
	defer cancel()
	m, what, err := c.n.ask(ctx, &nats.Msg{Subject: pingSubject + c.name}, "")
	var p Peer
	if err == nil {
		if err = json.Unmarshal(m.Data, &p); err != nil {
			err, what = fmt.Errorf("not an answer to a ping: %w", err), actor.Unknown
		}
	}
	if err != nil {
		return Peer{}, c.failed("call", "Ping", what, err)
	}
	return p, nil
}

// count counts a call by its error, which it returns.
func (c *Client) count(err error) error {
	c.n.calls.add(actor.OutcomeOf(err))
	return err
}
