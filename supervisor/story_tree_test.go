package supervisor_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// storyTree is the tree of a story. It is written with two spaces of indentation
// for each level:
//
//	shop: rest-for-one, restarts 2, period 1s
//	  db: transient, backoff 1s 10s
//	  inner/: one-for-all
//	    x
//
// A supervisor's name ends with a slash, but for the root's, which stands first.
// Its options: one-for-all, rest-for-one, restarts N|none|unlimited, period D,
// within D (Spec.Shutdown), autoshutdown any|all. Those of every child: transient,
// temporary, significant, shutdown D|at-once|forever, timeout D (StartTimeout),
// await (AwaitReady), backoff MIN MAX; and of a puppet: slow D, the time it takes
// to end.
type storyTree struct {
	t       *testing.T
	began   time.Time
	root    *supervisor.Supervisor
	supers  map[string]*supervisor.Supervisor
	puppets map[string]*puppet
	free    map[string]func()
	last    string // states

	mu      sync.Mutex
	notes   []string // of events
	answers []string // in no particular order
}

func newStoryTree(t *testing.T) *storyTree {
	return &storyTree{
		t: t, began: time.Now(),
		supers: map[string]*supervisor.Supervisor{}, puppets: map[string]*puppet{},
		free: map[string]func(){},
	}
}

// build makes the tree of the lines, blank ones and comments among them.
func (tree *storyTree) build(lines []string) {
	var rest []string
	for _, l := range lines {
		if trimmed := strings.TrimSpace(l); trimmed != "" && trimmed[0] != '#' {
			rest = append(rest, l)
		}
	}
	name, options, _ := strings.Cut(rest[0], ":")
	spec := tree.spec(options)
	spec.Logger, spec.OnEvent = quiet, tree.event
	spec.Children = tree.level("", "  ", rest[1:])
	tree.root = supervisor.New(name, spec)
}

// level makes the children that stand at an indentation.
func (tree *storyTree) level(path, indent string, lines []string) (cs []supervisor.Child) {
	for i, l := range lines {
		text, ok := strings.CutPrefix(l, indent)
		if !ok || text[0] == ' ' {
			continue
		}
		name, options, _ := strings.Cut(text, ":")
		name, isSuper := strings.CutSuffix(name, "/")
		if !isSuper {
			cs = append(cs, tree.child(path+name, options))
			continue
		}
		below := lines[i+1:]
		for n, b := range below {
			if !strings.HasPrefix(b, indent+" ") {
				below = below[:n]
				break
			}
		}
		spec := tree.spec(options)
		spec.Children = tree.level(path+name+"/", indent+"  ", below)
		tree.supers[path+name] = supervisor.New(name, spec)
		c := supervisor.Child{Service: tree.supers[path+name]}
		tree.each(options, func(key string, words []string) { tree.option(&c, nil, key, words) })
		cs = append(cs, c)
	}
	return cs
}

func (tree *storyTree) each(options string, f func(key string, words []string)) {
	for o := range strings.SplitSeq(options, ",") {
		if words := strings.Fields(strings.ReplaceAll(o, ":", " ")); len(words) > 0 {
			f(words[0], words[1:])
		}
	}
}

func (tree *storyTree) spec(options string) (s supervisor.Spec) {
	tree.each(options, func(key string, words []string) {
		switch key {
		case "one-for-all":
			s.Strategy = supervisor.OneForAll
		case "rest-for-one":
			s.Strategy = supervisor.RestForOne
		case "together":
			s.Together = true
		case "restarts":
			s.MaxRestarts, _ = strconv.Atoi(words[0])
			switch words[0] {
			case "none":
				s.MaxRestarts = supervisor.NoRestarts
			case "unlimited":
				s.MaxRestarts = supervisor.Unlimited
			}
		case "period":
			s.Period = duration(tree.t, words[0])
		case "within":
			s.Shutdown = duration(tree.t, words[0])
		case "autoshutdown":
			s.AutoShutdown = supervisor.AnySignificant
			if words[0] == "all" {
				s.AutoShutdown = supervisor.AllSignificant
			}
		}
	})
	return s
}

// child makes a puppet.
func (tree *storyTree) child(path, options string) supervisor.Child {
	p := newPuppet()
	tree.puppets[path] = p
	c := supervisor.Child{Name: path[strings.LastIndexByte(path, '/')+1:], Service: p}
	tree.each(options, func(key string, words []string) { tree.option(&c, p, key, words) })
	return c
}

func (tree *storyTree) option(c *supervisor.Child, p *puppet, key string, words []string) {
	switch key {
	case "transient":
		c.Restart = supervisor.Transient
	case "temporary":
		c.Restart = supervisor.Temporary
	case "significant":
		c.Significant = true
	case "shutdown":
		switch words[0] {
		case "at-once":
			c.Shutdown = supervisor.AtOnce
		case "forever":
			c.Shutdown = supervisor.Forever
		default:
			c.Shutdown = duration(tree.t, words[0])
		}
	case "timeout":
		c.StartTimeout = duration(tree.t, words[0])
	case "backoff":
		c.Backoff = &supervisor.Backoff{Min: duration(tree.t, words[0]), Max: duration(tree.t, words[1])}
	case "await":
		p.awaits = true
	case "slow":
		p.slow = duration(tree.t, words[0])
	default:
		if p != nil {
			tree.t.Errorf("no such option: %s", key)
		}
	}
}

func duration(t *testing.T, s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (tree *storyTree) puppet(x string) *puppet {
	p := tree.puppets[x]
	if p == nil {
		tree.t.Fatalf("no such child: %s", x)
	}
	return p
}

func (tree *storyTree) now() string { return fmt.Sprintf("%-6v ", time.Since(tree.began)) }

func (tree *storyTree) note(to *[]string, line string) {
	tree.mu.Lock()
	defer tree.mu.Unlock()
	*to = append(*to, strings.ReplaceAll(line, "\n", " | "))
}

// place is where a function stands, which is no part of a story.
var place = regexp.MustCompile(` \([^() ]*\.go:\d+\)`)

func (tree *storyTree) event(e supervisor.Event) {
	at := fmt.Sprintf("%-6v ", e.Time.Sub(tree.began))
	tree.note(&tree.notes, at+line(e))
}

// happened returns what was noted since the last time, and the states if they
// have changed.
func (tree *storyTree) happened() string {
	tree.mu.Lock()
	defer tree.mu.Unlock()
	var b strings.Builder
	slices.Sort(tree.answers)
	for _, n := range append(tree.notes, tree.answers...) {
		b.WriteString(place.ReplaceAllString(n, "") + "\n")
	}
	tree.notes, tree.answers = nil, nil
	if now := tree.statesOf(tree.root, ""); now != tree.last {
		b.WriteString("=" + now + "\n")
		tree.last = now
	}
	return b.String()
}

func (tree *storyTree) statesOf(s *supervisor.Supervisor, path string) (all string) {
	for _, c := range s.Children() {
		all += " " + path + c.Name + ":" + c.State.String()
		if sub := tree.supers[path+c.Name]; sub != nil {
			all += tree.statesOf(sub, path+c.Name+"/")
		}
	}
	return all
}

// end leaves nothing behind.
func (tree *storyTree) end() {
	for _, f := range tree.free {
		f()
	}
	_ = tree.root.Stop(context.Background())
	synctest.Wait()
}
