package observer

import (
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

func TestObserverRanks(t *testing.T) {
	up := func(i actor.Info) supervisor.Node { return supervisor.Node{State: "up", Service: &i} }
	for name, tt := range map[string]struct {
		node supervisor.Node
		want int
	}{
		"waiting":         {supervisor.Node{State: "waiting"}, trouble},
		"restarted":       {supervisor.Node{State: "up", Restarts: 1}, trouble},
		"an error":        {supervisor.Node{State: "up", Err: "out of paper"}, trouble},
		"a panic":         {supervisor.Node{State: "up", Crash: new(actor.Crash)}, trouble},
		"a crash":         {up(actor.Info{Crash: new(actor.Crash)}), trouble},
		"dead letters":    {up(actor.Info{Dead: 1}), trouble},
		"refused":         {up(actor.Info{Refused: 1}), trouble},
		"paused":          {up(actor.Info{Paused: true}), trouble},
		"busy and paused": {up(actor.Info{Paused: true, Queued: 1}), trouble},
		"children":        {supervisor.Node{State: "up", Children: make([]supervisor.Node, 1)}, busy},
		"a queue":         {up(actor.Info{Queued: 1}), busy},
		"a closure":       {up(actor.Info{Running: 1}), busy},
		"a wait":          {up(actor.Info{WaitsFor: make([]actor.WaitsFor, 1)}), busy},
		"nothing":         {up(actor.Info{Accepted: 7, Executed: 6, Skipped: 1, High: 3}), calm},
		"a function":      {supervisor.Node{State: "up"}, calm},
	} {
		if got := rankOf(&tt.node); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestObserverDurations(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		-time.Second:                          "0s", // of what happened while somebody looked
		0:                                     "0s",
		999:                                   "999ns",
		1234567:                               "1.23ms",
		999600 * time.Microsecond:             "1s",
		12345 * time.Millisecond:              "12.3s",
		123456 * time.Millisecond:             "2m3s",
		999 * time.Second:                     "16m39s",
		1000 * time.Second:                    "17m",
		time.Hour:                             "1h0m",
		90*time.Minute + 29*time.Second:       "1h30m",
		day - time.Minute:                     "23h59m",
		day - time.Second:                     "1d0h",
		12*day + 3*time.Hour + 29*time.Minute: "12d3h",
		400 * day:                             "400d0h",
	} {
		if got := duration(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}

func TestObserverFunctions(t *testing.T) {
	if got := function("example.com/shop.(*T).f", "/src/shop/shop.go", 7); got != "shop.(*T).f shop.go:7" {
		t.Error(got)
	}
	if got := function("", "", 0); got != "a function without a name" {
		t.Error(got)
	}
}

func TestObserverPanicValues(t *testing.T) {
	for message, want := range map[string]string{
		"actor: shop/db: shop.f (db.go:7) panicked: full: disk":           "full: disk",
		"actor: shop/db: shop.f (db.go:7) ended its goroutine: by Goexit": "by Goexit",
		"actor: shop/dba: shop.f (db.go:8) panicked: full":                "actor: shop/dba: shop.f (db.go:8) panicked: full",
		"while it read: out of paper":                                     "while it read: out of paper",
		"out of paper":                                                    "out of paper",
		"":                                                                "",
	} {
		c := &actor.Crash{Message: message, File: "/src/shop/db.go", Line: 7}
		if got := panicValue(c, "shop/db"); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
		c.Err = &actor.PanicError{Service: "shop/db", Value: panics{}} // who is not asked
		if got := panicValue(c, "shop/pool"); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

type panics struct{}

func (panics) String() string { panic("asked") }

// What a child does now: a function that waits to be restarted does nothing, and of a closure
// that was not seen before it is not known for how long.
func TestObserverSaysWhatRunsNow(t *testing.T) {
	works := func(c actor.RunningClosure) supervisor.Node {
		c.Func, c.File, c.Line = "shop.f", "f.go", 1
		return supervisor.Node{State: "up", Service: &actor.Info{State: actor.Running, Closure: &c}}
	}
	for name, tt := range map[string]struct {
		node      supervisor.Node
		now, note string
	}{
		"a closure":              {works(actor.RunningClosure{Age: time.Second}), "shop.f f.go:1", "for at least 1s"},
		"one that is timed":      {works(actor.RunningClosure{Age: time.Second, Exact: true}), "shop.f f.go:1", "for 1s"},
		"one that is new":        {works(actor.RunningClosure{}), "shop.f f.go:1", ""},
		"none":                   {supervisor.Node{State: "up", Service: &actor.Info{}}, "", ""},
		"a function":             {supervisor.Node{State: "up", Func: "shop.mail"}, "shop.mail", ""},
		"one that begins":        {supervisor.Node{State: "starting", Func: "shop.mail"}, "shop.mail", ""},
		"one that is to end":     {supervisor.Node{State: "stopping", Func: "shop.mail"}, "shop.mail", ""},
		"one that waits":         {supervisor.Node{State: "waiting", Func: "shop.mail"}, "", ""},
		"one that has ended":     {supervisor.Node{State: "exited", Func: "shop.mail"}, "", ""},
		"a server":               {supervisor.Node{State: "up", Requests: &supervisor.Requests{Addr: ":80", UnderWay: 1}}, "listens on :80", "1 request under way"},
		"one that has no socket": {supervisor.Node{State: "waiting", Requests: &supervisor.Requests{}}, "does not listen", "0 requests under way"},
	} {
		v := newView(&sample{}, Report{}, query{}, &series{})
		if d := v.row(&tt.node, 0).Doing; d.Now != tt.now || d.Note != tt.note {
			t.Errorf("%s: %q, %q: want %q, %q", name, d.Now, d.Note, tt.now, tt.note)
		}
	}
}
