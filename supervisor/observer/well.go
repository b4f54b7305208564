package observer

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// well answers the first question that the page is opened for: is all well?
type well struct {
	Class   string // good, odd, bad or off
	Answer  string
	Counts  []count
	Facts   []fact // why not, the worst first
	More    int    // facts that are not listed
	Crashed string // in the last minute, and hour
}

type count struct {
	Class, State string
	N            string
}

type fact struct {
	Class, Path, What string
	Link              template.URL
}

// facts is how many are listed.
const facts = 6

// isStuck is the time after which something that goes on counts as stuck: the one after which the
// library itself reports what it waits for.
const isStuck = 5 * time.Second

// examine answers for a tree as it was when the sample was taken.
func (v *view) examine(root *supervisor.Node) (w well) {
	states := map[string]tally{}
	var worse, less []fact
	failed := 0
	var minute, hour crashes
	var visit func(n *supervisor.Node, depth int)
	visit = func(n *supervisor.Node, depth int) {
		class := v.class(n)
		if depth > 0 || len(n.Children) == 0 {
			t := states[class]
			t.add(stateOf(n))
			states[class] = t
		}
		for _, f := range v.judge(n, class) {
			f.Path, f.Link = shown(n.Path), v.Link(n.Path)
			if f.Class == bad {
				worse = append(worse, f)
			} else {
				less = append(less, f)
			}
		}
		if class != bad && v.Time.Sub(lapsed(n)) < time.Minute { // a bad node has been listed
			failed++
		}
		if b := n.Supervisor; b != nil {
			minute.add(b, v.Time.Add(-time.Minute))
			hour.add(b, v.Time.Add(-time.Hour))
		}
		for i := range n.Children {
			visit(&n.Children[i], depth+1)
		}
	}
	visit(root, 0)
	for _, class := range []string{bad, odd, soon, good, off} {
		t := states[class]
		for _, s := range t.states {
			w.Counts = append(w.Counts, count{class, s, grouped(t.count[s])})
		}
	}
	w.Crashed = fmt.Sprintf("%s in the last minute, %s in the last hour", minute.String(), hour.String())
	if failed > 0 {
		less = append(less, fact{odd, counted(failed, "child", "children"), "crashed or failed in the last minute", v.Sorted("crash")})
	}
	w.conclude(root, worse, less, len(v.Cycles))
	return w
}

// conclude answers, and lists why.
func (w *well) conclude(root *supervisor.Node, worse, less []fact, circles int) {
	all := append(worse, less...)
	w.Facts = all[:min(len(all), facts)]
	w.More = len(all) - len(w.Facts)
	switch wrong := len(worse) + circles; {
	case wrong > 0:
		w.Class, w.Answer = bad, counted(wrong, "thing is", "things are")+" wrong"
	case len(less) > 0:
		w.Class, w.Answer = odd, "It runs, with "+counted(len(less), "thing", "things")+" to look at"
	case root.State == "idle":
		w.Class, w.Answer = off, "The tree does not run"
	case root.State == "starting" || root.State == "stopping":
		w.Class, w.Answer = soon, "The tree is "+root.State
	default:
		w.Class, w.Answer = good, "All is well"
	}
}

// judge says what is wrong with a node, or worth a look.
func (v *view) judge(n *supervisor.Node, class string) (fs []fact) {
	say := func(class, what string) { fs = append(fs, fact{Class: class, What: what}) }
	if what := stuck(n, v.Time); what != "" {
		say(bad, what)
	} else if class == bad {
		say(bad, "is "+stateOf(n)+": "+firstLine(n.Err, stateOf(n) == "waiting"))
	}
	if b := n.Supervisor; b != nil && tight(b) {
		say(bad, "has used up "+budget(b))
	}
	if i := n.Service; i != nil {
		if i.Paused {
			say(odd, "is paused")
		}
		if i.Capacity > 0 && i.Queued >= i.Capacity {
			say(odd, "is full: "+counted(i.Queued, "closure waits", "closures wait"))
		}
	}
	return fs
}

// firstLine returns the beginning of an error. A child that waits may have none.
func firstLine(err string, waits bool) string {
	if err == "" && waits {
		return "it is restarted with another"
	}
	line, _, _ := strings.Cut(err, "\n")
	return shown(shortened(line, 100))
}

// stuck says what has been going on at a node for too long, or returns "".
func stuck(n *supervisor.Node, now time.Time) string {
	if n.Service != nil && n.Service.Closure != nil && n.Service.Closure.Age >= isStuck {
		return "runs one closure " + age(n.Service.Closure)
	}
	switch n.State {
	case supervisor.Starting.String(), supervisor.Stopping.String():
		if !n.Since.IsZero() && now.Sub(n.Since) >= isStuck {
			return "is " + n.State + " for " + ago(now.Sub(n.Since))
		}
	}
	return ""
}

// crashes counts the crashes of supervisors since a time. A supervisor keeps only keptCrashes of
// them; if all of those are later, there may be more.
type crashes struct {
	n       int
	atLeast bool
}

func (c *crashes) add(b *supervisor.Budget, since time.Time) {
	n := len(b.Crashes)
	for n > 0 && b.Crashes[len(b.Crashes)-n].Before(since) {
		n--
	}
	c.n += n
	c.atLeast = c.atLeast || n == keptCrashes
}

// keptCrashes is how many a supervisor keeps.
const keptCrashes = 100

func (c *crashes) String() string {
	if c.atLeast {
		return "at least " + counted(c.n, "crash", "crashes")
	}
	return counted(c.n, "crash", "crashes")
}
