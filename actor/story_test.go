package actor_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

var rewrite = flag.Bool("rewrite", false, "write what happens into the stories of testdata")

// A story is a file of testdata: services, one after the other, and steps, each with what
// follows from it. Comments begin with #, and anything else is told:
//
//	shop: declared, capacity 1
//	= pending
//	> call a
//	= pending, queued 1
//	> serve
//	0s     constructor 1
//	0s     a runs
//	0s     call a: done
//	= running
//
// A line without > begins another service; what was before is killed. It is declared (New)
// or started (Start), and has, if so said: capacity N, drops (DropOldest), fails
// (FailQueue), drain D. Below a step stand what the service's goroutine and hooks did, with
// the time since the beginning; then the answers; and, if it has changed, what Info says
// after =. The steps are
//
//	serve [directly]   Serve, as a supervisor calls it or a user
//	end|restart        the context of Serve ends, or does with the cause Restart
//	do|call X          Do or Run of a closure with that name; call X D: within D
//	busy|await X       DoContext, or RunContext, of a closure that runs until it is told
//	                   how to end; await X D: within D
//	return|crash|goexit|exit|fail
//	                   it returns, panics, ends its goroutine, or calls Exit with nil or an
//	                   error; a service that runs none is given one
//	broken             its next constructor fails
//	stop [D]           Stop; its context ends after D
//	kill|abandon|cut [on]
//	                   Kill, Abandon, CutOff; on: to go on
//	advance D          the clock goes on
//
// go test -run Story ./actor -rewrite writes the files anew.
func TestSTATEStory(t *testing.T) {
	for name, file := range storyFiles(t) {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := tellStory(t, string(text)); got == string(text) {
				return
			} else if *rewrite {
				err = os.WriteFile(file, []byte(got), 0o644)
			} else {
				err = fmt.Errorf("it goes differently:\n%s", firstDifference(string(text), got))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// storyFiles returns the stories by name.
func storyFiles(t *testing.T) map[string]string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".txt")] = file
	}
	return all
}

// firstDifference shows what was told from the first line that differs.
func firstDifference(want, got string) string {
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

// tellStory plays a story, and returns it with what really happened, and the changes of
// states.
func tellStory(t *testing.T, text string) (told string, changes []change) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		s := &hero{t: t}
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			step, isStep := strings.CutPrefix(line, "> ")
			switch {
			case line == "" || strings.HasPrefix(line, "#"):
				out.WriteString(line + "\n")
			case isStep && s.svc != nil:
				out.WriteString(line + "\n")
				changes = append(changes, s.makes(strings.Fields(step)))
				out.WriteString(s.happened())
			case headline(line):
				s.leaves()
				s = newHero(t, line)
				out.WriteString(line + "\n" + s.happened())
			}
		}
		s.leaves()
		told = out.String()
	})
	return told, changes
}

// headline reports whether a line begins another service.
func headline(line string) bool {
	return strings.Contains(line, ": declared") || strings.Contains(line, ": started")
}

// newHero makes the service of a line.
func newHero(t *testing.T, line string) *hero {
	s := &hero{t: t, began: time.Now()}
	name, options, _ := strings.Cut(line, ": ")
	opts := []actor.Option{actortest.Quiet(), actor.WithName(name), actor.WithDeadLetters(s.dead)}
	started := false
	for o := range strings.SplitSeq(options, ", ") {
		words := strings.Fields(o)
		switch words[0] {
		case "declared":
		case "started":
			started = true
		case "capacity":
			n, err := strconv.Atoi(words[1])
			if err != nil {
				t.Fatal(err)
			}
			opts = append(opts, actor.WithCapacity(n))
		case "drops":
			opts = append(opts, actor.WithOverflow(actor.DropOldest))
		case "fails":
			opts = append(opts, actor.WithQueuePolicy(actor.FailQueue))
		case "drain":
			opts = append(opts, actor.WithDrainTime(s.duration(words[1])))
		default:
			t.Fatalf("no such option: %s", o)
		}
	}
	if started {
		s.svc = actor.Start(&told{s, 0}, opts...)
		s.by = "Start"
	} else {
		s.svc = actor.New(s.build, opts...)
	}
	synctest.Wait()
	return s
}

var errBroken = errors.New("broken")
