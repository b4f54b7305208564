package observer

import (
	"fmt"
	"strings"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// The page of a child that is no supervisor.

// headline is its state, and what it was made with.
type headline struct {
	State, Class, Age, Err string
	About                  []string
}

// number is a number with its name.
type number struct{ Name, Value, Note, Class string }

// links are what it waits for, and what waits for it.
type links struct {
	Now     string
	For, By []wait
}

// failure is its last crash.
type failure struct {
	Path, Value, Where, Ago, Count string
	Callers                        []string
	History                        []actor.ClosureRecord
	Stack                          []calls
}

// service makes the parts of the page.
func (d *drawing) service(v *view) []part {
	n := &v.Tree
	var numbers []number
	var charts []chart
	if n.Service != nil {
		numbers, charts = numbersOf(n.Service), v.charts(n)
	}
	return []part{
		d.draw("state", "state", v.headline(n)), d.draw("cycles", "cycles", v), d.draw("crash", "crash", v.crash()),
		d.draw("waits", "waits", v.links(n)), d.draw("numbers", "numbers", numbers), d.draw("charts", "charts", charts),
		d.draw("closures", "closures", v.Report.History),
	}
}

func (v *view) headline(n *supervisor.Node) headline {
	h := headline{State: stateOf(n), Class: v.class(n), Age: v.since(n.Since)}
	if h.State == "stuck" {
		h.State, h.Age = "stuck: "+stuck(n, v.Time), ""
	}
	if c := lastCrash(n); c == nil || n.Err != c.Message {
		h.Err = shown(shortened(n.Err, 1000))
	}
	say := func(text string) { h.About = append(h.About, text) }
	if n.Restart != "" {
		say(n.Restart)
	}
	say(counted(n.Restarts, "restart", "restarts"))
	if n.Func != "" {
		say("a function: " + shown(n.Func))
	}
	i := n.Service
	if i == nil {
		return h
	}
	say("incarnation " + grouped(i.Incarnation))
	if i.Capacity > 0 {
		say("capacity " + grouped(i.Capacity) + "; full, it " + map[string]string{"reject": "refuses", "drop oldest": "drops the oldest"}[i.Overflow])
	} else {
		say("capacity without bound")
	}
	if i.OnRestart == "fail" {
		say("a restart fails the queue")
	} else {
		say("a restart keeps the queue")
	}
	say(counted(i.Timers, "timer", "timers") + " to come")
	say(counted(i.Watchers, "watcher", "watchers"))
	return h
}

// numbersOf returns the numbers of closures, each with its name.
func numbersOf(i *actor.Info) []number {
	unwanted := func(n uint64) string {
		if n > 0 {
			return bad
		}
		return ""
	}
	return []number{
		{Name: "waiting", Value: grouped(i.Queued), Note: "most " + grouped(i.High)},
		{Name: "running", Value: grouped(i.Running)},
		{Name: "accepted", Value: grouped(i.Accepted)},
		{Name: "executed", Value: grouped(i.Executed)},
		{Name: "crashed", Value: grouped(i.Crashed), Note: "of those executed", Class: unwanted(i.Crashed)},
		{Name: "dead letters", Value: grouped(i.Dead), Note: "accepted, and will not run", Class: unwanted(i.Dead)},
		{Name: "skipped", Value: grouped(i.Skipped), Note: "no caller waited any more"},
		{Name: "refused", Value: grouped(i.Refused), Note: "not accepted", Class: unwanted(i.Refused)},
		{Name: "untimely", Value: grouped(i.Untimely), Note: "timers that a restart has ended"},
	}
}

func (v *view) charts(n *supervisor.Node) []chart {
	queued, rates := v.series.lines(n.Path)
	whole := func(x float64) string { return grouped(uint64(x)) }
	return []chart{
		sparkline("Queue", queued, whole),
		sparkline("Rate: closures a second", rates, perSecond),
		histogram("Time in the queue", &n.Service.Waits),
		histogram("Run time", &n.Service.Runs),
	}
}

func (v *view) links(n *supervisor.Node) (l links) {
	r := v.row(n, 0)
	if l.Now = r.Doing.Now; l.Now == "" {
		l.Now = "nothing runs"
	}
	if r.Doing.Note != "" {
		l.Now += ", " + r.Doing.Note
	}
	if n.Requests != nil && n.Requests.Oldest != "" {
		l.Now += ": " + shown(n.Requests.Oldest)
	}
	if n.Service != nil {
		for _, w := range n.Service.WaitsFor {
			l.For = append(l.For, v.wait(w))
		}
	}
	for _, w := range waits(v.whole, nil) {
		if w.For == n.Path {
			by := v.wait(w)
			by.For, by.Link = shown(w.Service), v.Link(w.Service)
			l.By = append(l.By, by)
		}
	}
	return l
}

// crash returns the last crash of what is shown, or nil.
func (v *view) crash() *failure {
	n := &v.Tree
	c := lastCrash(n)
	if c == nil || v.Path == "" {
		return nil
	}
	f := &failure{Path: shown(n.Path), Ago: v.since(c.Time)}
	if c.Count > 1 {
		f.Count = grouped(c.Count)
	}
	if c.Func != "" {
		f.Where = function(c.Func, c.File, c.Line)
	}
	f.Value = shownLines(panicValue(c, n.Path)) // as long as the library keeps it
	for _, crash := range crashOf(n) {
		for _, caller := range crash.Callers {
			f.Callers = append(f.Callers, shown(caller.String()))
		}
		f.History, f.Stack = crash.History, stackOf(crash.Stack)
	}
	return f
}

// whenAndWhere says when a crash was, if that is known, and in which function.
func whenAndWhere(since string, c *actor.Crash) string {
	if since != "" {
		since += " ago"
	}
	if c.Func == "" {
		return since
	}
	if since != "" {
		since += " "
	}
	return since + "in " + function(c.Func, c.File, c.Line)
}

// panicValue returns what a service has panicked with. It is taken from the message that was
// written at the crash, where it follows the place of the function and the verb: to ask the
// panic's value for its text now could run a method of the program's.
func panicValue(c *actor.Crash, service string) string {
	if c.Err != nil {
		service = c.Err.Service
	}
	text := strings.TrimPrefix(c.Message, "actor: "+service+": ")
	_, after, found := strings.Cut(text, fmt.Sprintf(" (%s:%d) ", base(c.File), c.Line))
	if _, value, is := strings.Cut(after, ": "); found && is {
		return value
	}
	return text
}
