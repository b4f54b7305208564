package supervisor_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

var rewrite = flag.Bool("rewrite", false, "write what happens into the stories of testdata")

// A story is a file of testdata: a tree (story_tree_test.go), then steps, each
// with what follows from it. Comments begin with #, and anything else is told:
//
//	> crash db
//	0s     exited shop/db: crash
//	0s     restarting shop/db (1)
//	0s     started shop/db
//	= db:up orders:up
//
// A step begins with >. Below it stand the events, with their time since the
// beginning; then the answers to requests; and, if they have changed, the states
// of all children after =. The steps are
//
//	start              Start, on a goroutine of its own
//	stop [D]           Stop; its context ends after D
//	crash|end X        the child X returns an error, or nil
//	panic|goexit X     it panics, or ends its goroutine
//	cancelled X        it returns context.Canceled
//	fail N X           its next N lives end with an error at once
//	hang|free X        it ignores its context from now on, or does so no more
//	ready X            it calls Ready
//	advance D          the clock goes on
//	add X: OPTIONS     requests to the supervisor of X
//	terminate|restart|remove X
//
// X is a path without the root's name. go test -run Story -rewrite writes the
// files anew.
func TestSUPStory(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			fewGoroutines()
			synctest.Test(t, func(t *testing.T) { got = tell(t, string(text)) })
			if got == string(text) {
				return
			}
			if *rewrite {
				err = os.WriteFile(file, []byte(got), 0o644)
			} else {
				err = fmt.Errorf("it goes differently:\n%s", difference(string(text), got))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// difference shows what was told from the first line that differs.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	show := func(lines []string) string {
		return "\t" + strings.Join(lines[max(0, min(i-3, len(lines))):min(i+12, len(lines))], "\n\t")
	}
	return fmt.Sprintf("from line %d, want\n%s\ngot\n%s", i+1, show(w), show(g))
}

// tell plays a story and returns it with what really happened.
func tell(t *testing.T, text string) string {
	tree := newStoryTree(t)
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	i := 0
	for ; i < len(lines) && !strings.HasPrefix(lines[i], ">"); i++ {
		out.WriteString(lines[i] + "\n")
	}
	tree.build(lines[:i])
	for ; i < len(lines); i++ {
		step, told := strings.CutPrefix(lines[i], "> ")
		switch {
		case told:
			out.WriteString(lines[i] + "\n")
			tree.play(strings.Fields(strings.ReplaceAll(step, ":", " : ")))
			out.WriteString(tree.happened())
		case lines[i] == "" || strings.HasPrefix(lines[i], "#"):
			out.WriteString(lines[i] + "\n")
		}
	}
	tree.end()
	return out.String()
}

// play makes one step.
func (tree *storyTree) play(words []string) {
	t, ctx := tree.t, context.Background()
	t.Helper()
	verb, x := words[0], words[len(words)-1]
	if verb == "add" {
		x = words[1]
	}
	switch verb {
	case "start":
		tree.ask(verb, func() error { return tree.root.Start(ctx) })
	case "stop":
		within := 365 * 24 * time.Hour
		if x != verb {
			within = duration(t, x)
		}
		tree.ask(verb, func() error {
			ctx, cancel := context.WithTimeout(ctx, within)
			defer cancel()
			return tree.root.Stop(ctx)
		})
	case "advance":
		time.Sleep(duration(t, x))
	case "fail":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			t.Fatal(err)
		}
		tree.puppet(x).failNext(n)
	case "hang":
		tree.free[x] = tree.puppet(x).hang()
	case "free":
		tree.free[x]()
		delete(tree.free, x)
	case "add", "terminate", "restart", "remove":
		tree.administer(ctx, verb, x, words[2:])
	default:
		tree.command(verb, tree.puppet(x))
	}
	synctest.Wait()
}

func (tree *storyTree) command(verb string, p *puppet) {
	switch verb {
	case "crash":
		p.crash()
	case "end":
		p.exit(nil)
	case "cancelled":
		p.exit(context.Canceled)
	case "panic":
		p.panics("boom")
	case "goexit":
		p.do(func() error { runtime.Goexit(); return nil })
	case "ready":
		p.ready()
	default:
		tree.t.Fatalf("no such step: %s", verb)
	}
}

func (tree *storyTree) administer(ctx context.Context, verb, x string, options []string) {
	s, name := tree.root, x
	if at := strings.LastIndexByte(x, '/'); at >= 0 {
		s, name = tree.supers[x[:at]], x[at+1:]
	}
	tree.ask(verb+" "+x, func() error {
		switch verb {
		case "add":
			before := tree.puppets[x]
			err := s.Add(ctx, tree.child(x, strings.Join(options, " ")))
			if err != nil && before != nil {
				tree.puppets[x] = before
			}
			return err
		case "terminate":
			return s.Terminate(ctx, name)
		case "restart":
			return s.Restart(ctx, name)
		}
		return s.Remove(ctx, name)
	})
}

// ask makes a request, and notes how it ends, when it does.
func (tree *storyTree) ask(what string, request func() error) {
	go func() {
		err := request()
		answer := "done"
		var stuck *supervisor.StuckError
		if errors.As(err, &stuck) && stuck.Children[0].Stack != "" {
			answer = err.Error() + " (with its stack)"
		} else if err != nil {
			answer = err.Error()
		}
		tree.note(&tree.answers, tree.now()+what+": "+answer)
	}()
}
