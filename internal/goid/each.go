package goid

// Each calls f for each value, in no order, without what is registered or taken back
// meanwhile. It may be called by any goroutine.
func (r *Registry[V]) Each(f func(*V)) {
	r.m.Range(func(_, v any) bool {
		f(v.(*V))
		return true
	})
}
