package actor

import (
	"time"

	"github.com/bruskajp/nano_services/internal/hook"
)

// While a service moves on from one state to another, hooks, loggers and other services
// are told of it, with core.mu released. They are waited for, and their order is kept,
// unless the service is hurried: by Kill, by who cuts it off because its time is over, by
// its supervisor that has given it up, and by a Stop without an incarnation whose context
// ends. From then on all of them together are waited for no longer than the courtesy, and
// what has not returned goes on beside the service, which is rude from then on.

// courtesy is how long a service that is hurried waits for what is told of its end.
const courtesy = 100 * time.Millisecond

// hurries has the service wait for nothing for long from now on; mu is held.
func (c *core) hurries() {
	if !c.hurried {
		c.hurried = true
		if c.begun != nil {
			close(c.begun)
		}
	}
}

// isRude reports whether something of what was told goes on.
func (c *core) isRude() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rude
}

// outside releases mu, which is held, while f calls code that is not the library's.
// Such code may end its goroutine (runtime.Goexit), and then the rest of what mu's
// holder is about would not be done. So f gets a goroutine of its own, which goes by
// the name of the caller's, and is in the hooks that the caller is in.
func (c *core) outside(f func()) {
	outsideEach(c, []func(){f}, func(f func()) { f() })
}

// outsideEach calls f with each of all, outside. It goes on if one ends its goroutine
// half-way.
func outsideEach[E any](c *core, all []E, f func(E)) {
	if len(all) == 0 {
		return
	}
	if c.begun == nil {
		c.begun = make(chan struct{})
		if c.hurried {
			close(c.begun)
		}
	}
	begun, bound := c.begun, c.bound
	c.mu.Unlock()
	defer c.mu.Lock()
	over := make(chan struct{})
	go tellEach(all, f, owners.Current(), hook.Here(), over)
	select {
	case <-over:
		return
	case <-begun:
	case <-bound:
	}
	c.awaitTold(over)
}

// awaitTold waits for what is told by a service that is hurried.
func (c *core) awaitTold(over <-chan struct{}) {
	c.mu.Lock()
	c.hurries()
	rude := c.rude
	c.mu.Unlock()
	if rude {
		return
	}
	timer := time.NewTimer(courtesy)
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C:
		c.mu.Lock()
		c.rude = true
		c.mu.Unlock()
	}
}

// tellEach calls f with each of all, on behalf of in and in hooks, and closes over.
func tellEach[E any](all []E, f func(E), in *incarnation, hooks *hook.Call, over chan<- struct{}) {
	count := 0
	defer func() {
		if count < len(all) { // the last one has ended the goroutine
			go tellEach(all[count:], f, in, hooks, over)
			return
		}
		close(over)
	}()
	if in != nil {
		defer owners.Leave(owners.Enter(in))
	}
	defer hook.Enter(hooks)()
	for count < len(all) {
		e := all[count]
		count++
		f(e)
	}
}
