package remote

import "github.com/bruskajp/nano_services/actor"

// A job is to wait for a call, and to answer it.
type job struct {
	b  *Binding
	r  *request
	e  *entry
	as format
	f  future
}

func (j job) do() {
	defer j.b.open.leave(j.r)
	select {
	case <-j.f.Done():
	case <-j.r.cut: // the context has ended, with which the future says what became of the call
	}
	results, err := j.f.results(j.r.ctx)
	what := actor.OutcomeOf(err)
	j.b.counts.calls.add(what)
	j.b.reply(j.r.inbox, j.e, j.as, what, results, err)
}

// maxIdle is how many goroutines are kept for the next jobs. They have a stack that has
// grown already, which is most of what a new one costs: without, a call of 64 callers took 1.05 of
// the time (go -C benchmarks/remote run . -callers 64).
const maxIdle = 32

// hands are goroutines that do jobs, one each, of which some wait for the next.
type hands struct {
	jobs chan job
	idle chan struct{} // has a value for each that waits, or is about to
	over chan struct{} // closed when those that wait end
}

func newHands() *hands {
	return &hands{jobs: make(chan job), idle: make(chan struct{}, maxIdle), over: make(chan struct{})}
}

// give has a job done, and does not wait.
func (h *hands) give(j job) {
	select {
	case h.jobs <- j:
	default: // none waits
		go h.work(j)
	}
}

// work does jobs. It may end with the first, by a type's own marshaler.
func (h *hands) work(j job) {
	for {
		j.do()
		select {
		case h.idle <- struct{}{}:
		default:
			return
		}
		select {
		case j = <-h.jobs:
			<-h.idle
		case <-h.over:
			<-h.idle
			return
		}
	}
}

// end ends those that wait. Jobs that are under way are done.
func (h *hands) end() { close(h.over) }
