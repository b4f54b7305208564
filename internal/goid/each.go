package goid

// Each calls f for each value, in no order. What is registered or taken back meanwhile may be
// left out. It may be called by any goroutine, and takes no lock.
func (r *Registry[V]) Each(f func(*V)) {
	for i := range r.parts {
		t := r.parts[i].table.Load()
		if t == nil {
			continue
		}
		for j := range t.entries {
			if v := t.entries[j].value.Load(); v != nil {
				f(v)
			}
		}
	}
}
