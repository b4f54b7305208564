package actor

// Move takes a value out of a variable and leaves the zero value there. It marks a
// hand-over where it happens, and makes a use afterwards show at once: as a nil
// pointer, an empty slice, a nil map.
//
//	page := actor.Move(&draft)
//	err := press.Do(func(p *Press) { p.Print(page) })
//
// Nothing but the value itself is copied, for a slice three words: what it refers to
// goes over as it is, however large. The moved value is put into a variable of its
// own, outside of the closure, because the closure runs later and elsewhere. A nil v
// panics.
func Move[V any](v *V) V {
	must(v != nil, "actor: Move from a nil pointer")
	moved := *v
	var zero V
	*v = zero
	return moved
}
