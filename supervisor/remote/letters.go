package remote

import (
	"log/slog"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/rate"
)

// logEvery is how often the log has a record of one kind.
const logEvery = time.Second

// letters takes casts that were not accepted to the log and to the hook of the node, which
// may be slow: one after the other, on a goroutine that is there while there are some. How
// many wait is bounded by Config.InFlight, since their places are kept until then; but for
// those that were not sent, which the senders know of: beyond that number they are not shown to
// the hook.
type letters struct {
	hook func(Letter)
	log  *slog.Logger
	most int

	mu    sync.Mutex // guards what follows
	queue []parcel
	busy  bool // the goroutine is there
	rate  rate.Log[Letter]
}

// parcel is a letter with what is to be done when the hook has seen it.
type parcel struct {
	Letter
	seen func()
}

func (l *letters) init(n *Node) {
	l.hook, l.log, l.most = n.cfg.OnDeadLetter, n.cfg.Logger, n.cfg.InFlight
}

// send takes a letter, and calls seen when the hook has returned. A nil seen is that of a
// cast that was not sent. It does not wait.
func (l *letters) send(letter Letter, seen func()) {
	if number, due := l.rate.Add(letter, time.Now(), logEvery, l); due {
		l.WriteHeld(letter, number)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if seen == nil {
		seen = func() {}
		if len(l.queue) >= l.most {
			return
		}
	}
	if l.hook == nil {
		seen()
		return
	}
	l.queue = append(l.queue, parcel{letter, seen})
	if !l.busy {
		l.busy = true
		go l.deliver()
	}
}

// deliver calls the hook until no letters are left.
func (l *letters) deliver() {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.queue, l.busy = nil, false
			l.mu.Unlock()
			return
		}
		p := l.queue[0]
		l.queue = l.queue[1:]
		l.mu.Unlock()
		l.show(p)
	}
}

// show calls the hook. One that panics, or ends the goroutine, has seen the letter.
func (l *letters) show(p parcel) {
	returned := false
	defer func() {
		p.seen()
		if r := recover(); r != nil {
			l.log.Error("remote: OnDeadLetter panicked", "panic", foreign.Short(foreign.Text(r), maxText))
		} else if !returned {
			go l.deliver() // this goroutine ends
		}
	}()
	l.hook(p.Letter)
	returned = true
}

// WriteHeld logs the latest of a number of letters.
func (l *letters) WriteHeld(latest Letter, number uint64) {
	l.log.Warn("remote: casts were not accepted", "casts", number, "name", latest.Name, "method", latest.Method,
		"outcome", latest.Outcome.String(), "error", foreign.Text(latest.Err))
}
