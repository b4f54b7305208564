package actor

import (
	"context"
	"strconv"
	"strings"
)

// Caller is a closure on whose behalf another one ran. It is plain data.
type Caller struct {
	Service string // whose closure it is
	Func    string // name of the function, as Go spells it
	File    string // where it begins
	Line    int
	Site    string // where in it the next one was called; "": not known
}

// String returns the caller in a line.
func (c Caller) String() string {
	s := c.Service + ": " + place(c.Func, c.File, c.Line)
	if c.Site != "" {
		s += ", in " + c.Site
	}
	return s
}

// link is a Caller as it is kept. It does not hold the service, or its value would
// live as long as an error.
type link struct {
	service       string
	closure, site location
}

func callers(links []link) []Caller {
	if len(links) == 0 {
		return nil
	}
	cs := make([]Caller, len(links))
	for i, l := range links {
		f := l.closure.frame()
		cs[i] = Caller{Service: l.service, Func: f.Function, File: f.File, Line: f.Line}
		if l.site != (location{}) {
			cs[i].Site = l.site.String()
		}
	}
	return cs
}

// maxCallers bounds a chain, which ends at an asynchronous closure anyway.
const maxCallers = 64

// callChain returns the call site of j, if somebody waits in it, and the closures that j,
// a job of c, runs on behalf of.
func callChain(c *core, j job) (site location, links []link) {
	return chainOf(c, senderOf(j))
}

// chainOf is callChain for a closure of c that was handed over with ctx.
func chainOf(c *core, ctx context.Context) (site location, links []link) {
	defer func() { _ = recover() }() // of a context that is not the library's
	for at := c; ctx != nil && len(links) < maxCallers; {
		x, ok := ctx.Value(closureKey{}).(*closureContext)
		if !ok {
			break
		}
		l := link{service: x.in.c.Name(), closure: location{pc: x.pc}, site: x.in.waitsAt(at)}
		if len(links) == 0 {
			site = l.site
		}
		links = append(links, l)
		at, ctx = x.in.c, x.Context
	}
	return site, links
}

// waitsAt returns where the goroutine of in waits for c, if it does.
func (in *incarnation) waitsAt(c *core) location {
	w := &in.waits
	seq := w.seq.Load()
	if seq&1 == 0 || w.target.Load() != c {
		return location{}
	}
	site := location{pc: w.site.Load(), site: true}
	if w.seq.Load() != seq {
		return location{}
	}
	return site
}

// place names a function as location.String does.
func place(function, file string, line int) string {
	if function == "" {
		return "an unknown place"
	}
	return short(function) + " " + file[strings.LastIndexByte(file, '/')+1:] + ":" + strconv.Itoa(line)
}
