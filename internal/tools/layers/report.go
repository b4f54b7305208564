package main

import (
	"fmt"
	"io"
	"strings"
)

// exceeded prints each cap that is exceeded, with what is concerned, and those that
// may be lowered. It returns whether there was one of the former.
func exceeded(w io.Writer, p *pack, ranks map[string]int, caps, now figures, listed bool) bool {
	failed := listLong(w, p, caps)
	for _, name := range capped {
		if now[name] <= caps[name] {
			continue
		}
		failed = true
		switch {
		case listed:
		case name == "up":
			listUp(w, p.arrows, ranks)
		case name == "mutual":
			listMutual(w, p.arrows)
		}
		fmt.Fprintf(w, "exceeded: %s: %d, and the cap is %d\n", name, now[name], caps[name])
	}
	if slack := caps.slack(now); len(slack) > 0 {
		fmt.Fprintf(w, "caps that -lower would lower: %s\n", strings.Join(slack, ", "))
	}
	return failed
}

// listLong prints the files and functions that are longer than they may be.
func listLong(w io.Writer, p *pack, caps figures) (found bool) {
	for _, f := range p.files {
		if most := caps.longest(f.name); f.lines > most {
			fmt.Fprintf(w, "%s has %d lines, and may have %d\n", f.name, f.lines, most)
			found = true
		}
		for _, fn := range f.funcs {
			if most := caps.longest(fn.name); fn.lines > most {
				fmt.Fprintf(w, "%s:%d: %s has %d lines, and may have %d\n", f.name, fn.line, fn.name, fn.lines, most)
				found = true
			}
		}
	}
	return found
}

// listUp prints the up arrows, with the names that cause them.
func listUp(w io.Writer, arrows []arrow, ranks map[string]int) {
	for _, a := range arrows {
		if a.up(ranks) {
			fmt.Fprintf(w, "up: %s -> %s: %s\n", a.from, a.to, strings.Join(a.names, ", "))
		}
	}
}

// listMutual prints the mutual pairs, and what each file uses of the other.
func listMutual(w io.Writer, arrows []arrow) {
	for _, pair := range mutual(arrows) {
		a, b := pair[0], pair[1]
		fmt.Fprintf(w, "mutual: %s <-> %s: -> %s; <- %s\n", a.from, a.to, strings.Join(a.names, ", "), strings.Join(b.names, ", "))
	}
}

// listFile prints what a file uses, then what uses it.
func listFile(w io.Writer, arrows []arrow, ranks map[string]int, file string) {
	print := func(a arrow) {
		direction := "down"
		if a.up(ranks) {
			direction = "up"
		} else if ranks[a.from] < ranks[a.to] {
			direction = "excepted"
		}
		fmt.Fprintf(w, "%s: %s -> %s: %s\n", direction, a.from, a.to, strings.Join(a.names, ", "))
	}
	for _, a := range arrows {
		if a.from == file {
			print(a)
		}
	}
	for _, a := range arrows {
		if a.to == file {
			print(a)
		}
	}
}
