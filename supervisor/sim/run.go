package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/goid"
	"github.com/bruskajp/nano_services/internal/seam"
)

// run is one run of a test.
type run struct {
	opts *options
	seed seed
	kern *kernel
	sim  *Sim
	ctx  context.Context // of what takes part
	skip map[string]bool // clients that are left out

	changed chan struct{} // gets a token when a client has returned, or a check was added

	mu      sync.Mutex
	open    int // clients that have not returned
	clients map[string]*client
	faults  Faults
	checks  checks
	failure *failure
	seen    map[string]bool // of Sometimes
	struck  []fault         // under kernel.mu
	choices int             // under kernel.mu
	taken   []deviation     // under kernel.mu
}

// failure is what was wrong with a run. Two are alike if they have the same kind and name.
type failure struct {
	kind, name string
	step       int
	text       string
}

func (f *failure) like(g *failure) bool {
	return g != nil && f.kind == g.kind && f.name == g.name
}

// client is what takes part beside the services.
type client struct{ cancel context.CancelFunc }

// runOnce runs f in a bubble of its own on one way.
func runOnce(t *testing.T, f func(*Sim), opts *options, s seed, w way, without []string, tell bool) (r *run) {
	r = &run{
		opts: opts, seed: s, changed: make(chan struct{}, 1), skip: map[string]bool{},
		clients: map[string]*client{}, seen: map[string]bool{},
	}
	for _, name := range without {
		r.skip[name] = true
	}
	defer oneProcessor()()
	defer func() {
		if left := recover(); left != nil {
			text := fmt.Sprint(left)
			if !strings.Contains(text, "deadlock") {
				panic(left)
			}
			r.changed = make(chan struct{}, 1) // that of the bubble is not for who is outside
			r.fail("left blocked", "", "when all was stopped, goroutines of the run remained blocked: "+text)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		r.changed = make(chan struct{}, 1)
		r.inside(t, f, w, tell)
	})
	return r
}

// inside is a run, in its bubble.
func (r *run) inside(t *testing.T, f func(*Sim), w way, tell bool) {
	k := newKernel(r, w)
	if tell {
		k.tale = newTale()
	}
	r.kern = k
	ctx, cancel := context.WithCancel(seam.With(context.Background(), k))
	r.ctx = ctx
	r.sim = &Sim{TB: t, run: r}
	r.opts.watch.at(k)
	defer r.opts.watch.at(nil)
	defer kernels.Leave(kernels.Enter(k))
	r.begin("test", func(context.Context) { f(r.sim) })
	k.goesOn()
	r.concludes()
	k.release()
	cancel()
	r.stopAll()
}

// stopAll stops all that takes part: it may take ten seconds of virtual time.
func (r *run) stopAll() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r.kern.mu.Lock()
	ends := slices.Clone(r.kern.ends)
	r.kern.mu.Unlock()
	var all sync.WaitGroup
	for _, stop := range ends {
		all.Go(func() { _ = stop(ctx) })
	}
	all.Wait()
	synctest.Wait()
}

// begin makes a client, which begins when its first step is granted.
func (r *run) begin(name string, f func(context.Context)) {
	k := r.kern
	k.mu.Lock()
	name = k.unique(name)
	k.serviceAt(name).spared = true
	k.mu.Unlock()
	if r.skip[name] {
		return
	}
	svc := actor.New(func(context.Context) (*client, error) { return &client{}, nil },
		actor.WithName(name), actor.WithLogger(slog.New(slog.DiscardHandler)))
	ctx, cancel := context.WithCancel(r.ctx)
	r.mu.Lock()
	r.open++
	r.clients[name] = &client{cancel}
	r.mu.Unlock()
	err := svc.DoContext(ctx, func(own context.Context, _ *client) {
		defer r.returned()
		own, stop := context.WithCancel(own)
		defer stop()
		defer context.AfterFunc(ctx, stop)()
		if ctx.Err() != nil {
			stop() // now, and not beside the first step
		}
		f(own)
	})
	if err != nil {
		panic(err) // it is new, and not bounded
	}
	go func() { _ = svc.Serve(r.ctx) }()
}

func (r *run) returned() {
	r.mu.Lock()
	r.open--
	r.mu.Unlock()
	r.signal()
}

func (r *run) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// over reports whether all clients have returned.
func (r *run) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open == 0
}

func (r *run) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure != nil
}

// fail has the run failed, if it has not before.
func (r *run) fail(kind, name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return
	}
	step := 0
	if r.kern != nil {
		step = r.kern.at
	}
	r.failure = &failure{kind, name, step, text}
	r.signal()
}

// trouble is told of crashes, and of waits and closures that were refused; kernel.mu is held.
func (r *run) trouble(path string, err error) {
	var p *actor.PanicError
	var cycle *actor.DeadlockError
	switch {
	case errors.As(err, &p):
		if i := (*injected)(nil); errors.As(err, &i) || r.failed() { // Fatal ends its client so
			return
		}
		text := path + " crashed: " + p.Error()
		r.kern.notes(text)
		if !r.opts.crashes {
			r.fail("crash", p.Func, text)
		}
	case errors.As(err, &cycle):
		text := path + ": " + err.Error()
		r.kern.notes(text)
		if !r.opts.deadlocks {
			r.fail("deadlock", "", text)
		}
	default:
		r.kern.notes(fmt.Sprintf("%s refused a closure: %v", path, err))
	}
}

func (r *run) delay() time.Duration {
	if r.faults.Delay > 0 {
		return r.faults.Delay
	}
	return faultDelay
}

// kernels says which kernel's goroutine one is.
var kernels goid.Registry[kernel]

// here returns the kernel of the run that the running goroutine is of, or nil.
func here() *kernel {
	if k := kernels.Current(); k != nil {
		return k
	}
	s, _ := seam.Here()
	k, _ := s.(*kernel)
	return k
}

// place returns the file and line of the nearest caller outside of this package.
func place() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "supervisor/sim.") || strings.HasSuffix(f.File, "_test.go") {
			return fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// client returns the client with that name, or nil.
func (r *run) client(name string) *client {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clients[name]
}

// complain is called by Error and what is like it.
func (r *run) complain(text string) {
	at := place()
	r.fail("error", at, at+": "+strings.TrimRight(text, "\n"))
}

// log keeps what is shown if the run fails.
func (r *run) log(text string) {
	k := r.kern
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notes(strings.TrimRight(text, "\n"))
}
