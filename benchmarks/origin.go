package main

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// peers are the modules whose versions are shown.
var peers = []string{
	"github.com/Arceliar/phony",
	"github.com/asynkron/protoactor-go",
	"github.com/puzpuzpuz/xsync/v4",
	"github.com/thejerf/suture/v4",
}

// origin says where figures come from: the day, the machine, the versions, and how they
// were measured. The command stands between quotes.
func (c *config) origin(quote string) string {
	rounds := fmt.Sprintf("up to %d rounds", c.plan.Rounds)
	if c.plan.Rounds == 0 {
		rounds = fmt.Sprintf("the rounds of %v", c.plan.Budget)
	}
	return fmt.Sprintf("Measured on %s, on %s, with %s, by %s. Medians of %s, in slices of %v.",
		time.Now().UTC().Format(time.DateOnly), machine(), strings.Join(versions(), ", "),
		quote+c.command+quote, rounds, c.plan.Slice)
}

func machine() string {
	text := fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	if model := processor(); model != "" {
		text = model + ", " + text
	}
	return text
}

// processor returns the name of the processor, or nothing where it is not in a file.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// versions returns what was compiled into this program, as "go1.26" or "suture v4.0.6".
func versions() []string {
	all := []string{runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return append(all, "unknown versions of the peers")
	}
	for _, peer := range peers {
		for _, module := range info.Deps {
			if module.Path == peer {
				all = append(all, shortName(peer)+" "+module.Version)
			}
		}
	}
	return all
}

// shortName returns the last word of a module's path that is not a version.
func shortName(module string) string {
	name := path.Base(module)
	if strings.HasPrefix(name, "v") && len(name) == 2 {
		name = path.Base(path.Dir(module))
	}
	return strings.TrimSuffix(name, "-go")
}
