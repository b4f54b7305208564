package origin

import (
	"maps"
	"slices"
	"strings"
)

// verdict returns where a value comes from. If that is the state on some ways and not
// on others, it cannot be told: perhaps these ways are never taken.
func (in *interp) verdict(e *env, v value, seen map[string]bool) (all Origin, what string) {
	all = Fresh
	for i, a := range v {
		o, part := in.verdictOf(e, a, seen)
		switch {
		case i == 0:
			all, what = o, part
		case isState(all) != isState(o), all == Unknown || o == Unknown:
			all, what = Unknown, ""
		}
	}
	return all, what
}

func isState(o Origin) bool { return o == State || o == Copied }

func (in *interp) verdictOf(e *env, a alt, seen map[string]bool) (Origin, string) {
	switch a := a.(type) {
	case part:
		if a.path == "" && a.addr && !a.doubt {
			return State, in.f.Name
		}
		return a.verdict()
	case fresh:
		return Fresh, ""
	case memory:
		return in.verdictOfMemory(e, a, seen)
	case closure:
		return once(seen, a.key(), func() (Origin, string) { return in.verdictOfClosure(e, a, seen) })
	case record:
		return in.verdictOfRecord(e, a, seen)
	}
	return Unknown, ""
}

// verdictOfMemory returns where memory of the function comes from: it is the state's if it
// was put there, or if anything in it is.
func (in *interp) verdictOfMemory(e *env, m memory, seen map[string]bool) (Origin, string) {
	owner, stored := e.stored[m.at]
	if stored {
		if o, what := owner.verdict(); isState(o) {
			return o, what
		}
	}
	o, what := once(seen, m.key(), func() (Origin, string) { return in.verdict(e, e.load(m.at, m.steps), seen) })
	if stored && !isState(o) {
		return Unknown, ""
	}
	return o, what
}

// once returns what f returns, unless f is being asked that already: what refers to
// itself is what else it refers to.
func once(seen map[string]bool, key string, f func() (Origin, string)) (Origin, string) {
	if seen[key] {
		return Fresh, ""
	}
	seen[key] = true
	defer delete(seen, key)
	return f()
}

// verdictOfClosure returns where what a function uses comes from.
func (in *interp) verdictOfClosure(e *env, c closure, seen map[string]bool) (all Origin, what string) {
	all = Fresh
	for _, at := range in.captured(e, c) {
		switch o, part := in.verdict(e, e.mem[at], seen); {
		case o == State && isWhole(e.mem[at]), o == Unknown, o == Copied:
			all = Unknown // it may use anything of a struct
		case o == State:
			return State, "a function that uses " + part
		}
	}
	return all, ""
}

// isWhole reports whether v is a struct or an array.
func isWhole(v value) bool {
	return slices.ContainsFunc(v, func(a alt) bool { _, ok := a.(record); return ok })
}

// verdictOfRecord returns where what a struct, or a slice or a map, has comes from: it
// is the state's if anything in it is.
func (in *interp) verdictOfRecord(e *env, r record, seen map[string]bool) (all Origin, what string) {
	all = Fresh
	note := func(o Origin, part string) {
		switch {
		case o == State && all != State, o == Copied && !isState(all):
			all, what = o, part
		case o == Unknown && all == Fresh:
			all = o
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		note(in.verdict(e, r.fields[name], seen))
	}
	if r.base != nil && all != State {
		note(in.verdictOfCopy(*r.base, *r.base, r.fields))
	}
	return all, what
}

// verdictOfCopy returns where what a copy of a struct refers to comes from: it
// shares slices and maps. Those that other packages have for themselves are their
// business.
func (in *interp) verdictOfCopy(root, p part, replaced map[string]value) (all Origin, what string) {
	all = Fresh
	for _, name := range p.names() {
		if _, ok := replaced[name]; ok || name == "_" || !in.visible(p, name) {
			continue
		}
		for _, a := range p.member(name).read() {
			var o Origin
			var part string
			switch a := a.(type) {
			case record:
				o, part = in.verdictOfCopy(root, *a.base, nil)
			default:
				if o, part = in.verdictOf(nil, a, nil); o == State && !isFunction(a) {
					o, part = Copied, root.text+", whose copy shares "+strings.TrimPrefix(strings.TrimPrefix(part, root.text), ".")
				} else {
					o = Unknown
				}
			}
			if o == Copied {
				return o, part
			}
			all = min(all, o) // Unknown is less than Fresh
		}
	}
	return all, ""
}
