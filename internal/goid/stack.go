package goid

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// maxGoroutines is the number of goroutines up to which a stack is looked for: a dump stops
// the world for a time that grows with it.
const maxGoroutines = 1000

// A Stack finds the stack of the goroutine that something runs on, for a report, where that
// is affordable. It may be called by any goroutine. The zero value knows no goroutine, and has
// a limit of its own.
type Stack struct {
	mu    sync.Mutex
	id    string // of the goroutine; "": not known
	dumps *Dumps // nil: own
	own   Dumps
}

// Share has it share the limit d, unless that is nil.
func (s *Stack) Share(d *Dumps) {
	if d != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.dumps = d
	}
}

// Here says that it runs on the calling goroutine, until Gone is called. That takes 1.5 µs,
// once.
func (s *Stack) Here() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == "" {
		s.id = ID()
	}
}

// Gone says that it runs on that goroutine no more.
func (s *Stack) Gone() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id = ""
}

// Text returns the stack, or says why it was not taken.
func (s *Stack) Text() string {
	s.mu.Lock()
	id, dumps := s.id, s.dumps
	if dumps == nil {
		dumps = &s.own
	}
	s.mu.Unlock()
	if n := runtime.NumGoroutine(); n > maxGoroutines {
		return fmt.Sprintf("not taken: there are %d goroutines, and to dump more than %d stops the process for too long",
			n, maxGoroutines)
	}
	if id == "" {
		return "not taken: the goroutine is not known"
	}
	if !dumps.May(time.Now()) {
		return "not taken: the last one was less than a minute ago"
	}
	return StackOf(id)
}
