package actor_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// hero is the service of a story.
type hero struct {
	t     *testing.T
	began time.Time
	svc   *actor.Service[told]
	by    string                  // what serves it: "a supervisor serves", "Serve called directly", "Start"
	end   context.CancelCauseFunc // of the context of Serve
	last  string                  // what Info said

	mu          sync.Mutex
	broken      bool        // the next constructor fails
	builds      int         // how many constructors were called
	ending      chan string // to the closure that runs until it is told how to end; nil if none does
	diagnostics []string
	answers     []string // in no particular order
}

// told is its T.
type told struct {
	s      *hero
	number int
}

// Close tells that it was called.
func (v *told) Close() error {
	v.s.note("Close %d", v.number)
	return nil
}

func (s *hero) build(context.Context) (*told, error) {
	s.mu.Lock()
	s.builds++
	n, broken := s.builds, s.broken
	s.broken = false
	s.mu.Unlock()
	s.note("constructor %d", n)
	if broken {
		return nil, errBroken
	}
	return &told{s, n}, nil
}

func (s *hero) dead(d actor.DeadLetter) {
	what := "dead letter"
	if d.Refused {
		what = "refused"
	}
	s.note("%s: %v", what, d.Reason)
}

// note writes down what the service does, and answer how a request ends.
func (s *hero) note(format string, args ...any) { s.write(&s.diagnostics, format, args...) }

func (s *hero) answer(what string, err error) {
	how := "done"
	if err != nil {
		how = err.Error()
		if o := actor.OutcomeOf(err); strings.HasPrefix(what, "call") {
			how += " (" + o.String() + ")"
		}
	}
	s.write(&s.answers, "%s: %s", what, how)
}

// sites are where functions stand, which is no part of a story.
var sites = regexp.MustCompile(` \(call(ed)? (of|from) .*\.go:\d+; [a-z ]+\)| \S+ \(\S+\.go:\d+\)|( from)? \S+ \S+\.go:\d+`)

func (s *hero) write(to *[]string, format string, args ...any) {
	line := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " | ")
	at := fmt.Sprintf("%-6v ", time.Since(s.began))
	s.mu.Lock()
	defer s.mu.Unlock()
	*to = append(*to, at+sites.ReplaceAllString(line, ""))
}

// happened returns what was noted since the last time, and what Info says if that has
// changed.
func (s *hero) happened() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	slices.Sort(s.answers)
	for _, n := range append(s.diagnostics, s.answers...) {
		b.WriteString(n + "\n")
	}
	s.diagnostics, s.answers = nil, nil
	if now := summary(s.svc.Info()); now != s.last {
		b.WriteString("= " + now + "\n")
		s.last = now
	}
	return b.String()
}

// summary is what a story says of an Info: the state, and the numbers that are not 0.
func summary(i actor.Info) string {
	all := i.State.String()
	for _, n := range []struct {
		name  string
		value int
	}{
		{"running", i.Running}, {"queued", i.Queued}, {"dead", int(i.Dead)}, {"skipped", int(i.Skipped)},
		{"refused", int(i.Refused)}, {"crashed", int(i.Crashed)},
	} {
		if n.value > 0 {
			all += fmt.Sprintf(", %s %d", n.name, n.value)
		}
	}
	return all
}

// makes is a step. It returns what it has changed.
func (s *hero) makes(words []string) change {
	s.t.Helper()
	c := change{from: s.svc.Info().State, event: words[0], by: s.by}
	if words[0] == "cut" {
		c.event = strings.Join(words, " ")
	}
	if !s.sends(words[0], words[1:]) && !s.steers(words[0], words[1:]) {
		s.t.Fatalf("no such step: %s", words[0])
	}
	synctest.Wait()
	c.to = s.svc.Info().State
	return c
}

// sends makes the steps that bring a closure, or ask for something.
func (s *hero) sends(verb string, words []string) bool {
	switch verb {
	case "do":
		s.request("do "+words[0], func(context.Context) error { return s.svc.Do(s.runs(words[0])) })
	case "call":
		s.request("call "+words[0], func(ctx context.Context) error { return actor.Wait(ctx, s.svc, s.runs(words[0])) }, words[1:]...)
	case "busy":
		s.request("do "+words[0], func(ctx context.Context) error { return s.svc.DoContext(ctx, s.busy(words[0])) })
	case "await":
		run := func(ctx context.Context, v *told) error { s.busy(words[0])(ctx, v); return nil }
		s.request("call "+words[0], func(ctx context.Context) error { return s.svc.RunContext(ctx, run) }, words[1:]...)
	case "stop":
		s.request(verb, s.svc.Stop, words...)
	default:
		return false
	}
	return true
}

// steers makes the others.
func (s *hero) steers(verb string, words []string) bool {
	switch verb {
	case "serve":
		s.serves(len(words) > 0)
	case "end":
		s.end(nil)
	case "restart":
		s.end(actor.Restart)
	case "return", "crash", "goexit", "exit", "fail":
		s.ends(verb)
	case "broken":
		s.mu.Lock()
		s.broken = true
		s.mu.Unlock()
	case "kill":
		s.svc.Kill()
	case "abandon":
		s.svc.Abandon()
		s.by = "Serve called directly" // from now on it is as if it had been
	case "cut":
		s.svc.CutOff(len(words) > 0)
	case "advance":
		time.Sleep(s.duration(words[0]))
	default:
		return false
	}
	return true
}

func (s *hero) serves(directly bool) {
	ctx := actortest.Supervised(context.Background())
	s.by = "a supervisor serves"
	if directly {
		ctx, s.by = context.Background(), "Serve called directly"
	}
	ctx, s.end = context.WithCancelCause(ctx)
	go func() {
		returned := false
		defer func() {
			if !returned { // the closure has ended the goroutine
				s.write(&s.answers, "serve: does not return")
			}
		}()
		err := s.svc.Serve(ctx)
		returned = true
		s.answer("serve", err)
	}()
}

// runs is a closure that tells that it runs.
func (s *hero) runs(name string) func(*told) {
	return func(*told) { s.note("%s runs", name) }
}

// busy is a closure that runs until it is told how to end.
func (s *hero) busy(name string) func(context.Context, *told) {
	return func(ctx context.Context, _ *told) {
		s.note("%s runs", name)
		ending := make(chan string)
		s.mu.Lock()
		s.ending = ending
		s.mu.Unlock()
		finish(ctx, <-ending)
		s.note("%s returns", name)
	}
}

// ends has the closure that runs end.
func (s *hero) ends(how string) {
	s.mu.Lock()
	ending := s.ending
	s.ending = nil
	s.mu.Unlock()
	if ending != nil {
		ending <- how
		return
	}
	err := s.svc.DoContext(context.Background(), func(ctx context.Context, _ *told) { finish(ctx, how) })
	if err != nil {
		s.answer(how, err)
	}
}

func finish(ctx context.Context, how string) {
	switch how {
	case "crash":
		panic("boom")
	case "goexit":
		runtime.Goexit()
	case "exit":
		actor.Exit(ctx, nil)
	case "fail":
		actor.Exit(ctx, errors.New("failure"))
	}
}

// request is made on a goroutine of its own, with a context that ends after a time, if one
// is given.
func (s *hero) request(what string, f func(context.Context) error, within ...string) {
	ctx, cancel := context.WithCancel(context.Background())
	if len(within) > 0 {
		ctx, cancel = context.WithTimeout(context.Background(), s.duration(within[0]))
	}
	go func() {
		defer cancel()
		if err := f(ctx); err != nil || !strings.HasPrefix(what, "do ") { // an accepted Do is told by its closure
			s.answer(what, err)
		}
	}()
}

// leaves leaves nothing of it behind.
func (s *hero) leaves() {
	if s.svc == nil {
		return
	}
	s.svc.Kill()
	s.mu.Lock()
	ending := s.ending
	s.mu.Unlock()
	if ending != nil {
		close(ending)
	}
	if s.end != nil {
		s.end(nil)
	}
	synctest.Wait()
	actortest.Balanced(s.t, s.svc.Info())
}

func (s *hero) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}
