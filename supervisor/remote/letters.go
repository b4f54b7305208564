package remote

import (
	"time"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/hook"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/supervisor/remote/internal/aside"
)

// logEvery is how often the log has a record of one kind.
const logEvery = time.Second

// letters takes casts that were not accepted to the log and to the hook of the node, which
// may be slow. How many wait for the hook is bounded by Config.InFlight, since their places are
// kept until then; but for those that were not sent, which the senders know of: beyond that
// number they are not shown to the hook. Neither is a letter that the hook has caused, or it
// would be told without end.
type letters struct {
	hook func(Letter)
	log  *aside.Log
	most int
	line *aside.Line[parcel]
	rate rate.Log[Letter]
}

// parcel is a letter with what has caused it, and what is to be done when the hook has seen it.
type parcel struct {
	Letter
	cause *hook.Call
	seen  func() // nil: the cast was not sent
}

func (l *letters) init(n *Node) {
	l.hook, l.log, l.most = n.cfg.OnDeadLetter, n.log, n.cfg.InFlight
	l.line = aside.NewLine(l.show)
}

// send takes a letter. It does not wait.
func (l *letters) send(p parcel) {
	l.log.Unless(p.cause, func() {
		if number, due := l.rate.Add(p.Letter, time.Now(), logEvery, l); due {
			l.WriteHeld(p.Letter, number)
		}
	})
	most := -1
	if p.seen == nil {
		p.seen, most = func() {}, l.most
	}
	if l.hook == nil {
		p.seen()
		return
	}
	l.line.Add(p, most)
}

// show calls the hook. One that panics, or ends the goroutine, has seen the letter.
func (l *letters) show(p parcel) {
	defer func() {
		p.seen()
		if r := recover(); r != nil {
			l.log.Error("remote: OnDeadLetter panicked", "panic", foreign.Short(foreign.Text(r), maxText))
		}
	}()
	hook.Run(hook.ID(l.hook), p.cause, func() { l.hook(p.Letter) })
}

// WriteHeld logs the latest of a number of letters.
func (l *letters) WriteHeld(latest Letter, number uint64) {
	l.log.Warn("remote: casts were not accepted", "casts", number, "name", latest.Name, "method", latest.Method,
		"outcome", latest.Outcome.String(), "error", latest.Err)
}
