package supervisor

import "strings"

// Children returns what can be seen of the children, in their order. It never
// waits for a child, and may be called from anywhere.
func (s *Supervisor) Children() []ChildInfo {
	s.made()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.order == nil {
		return nil
	}
	infos := make([]ChildInfo, 0, s.order.Len())
	for e := s.order.Front(); e != nil; e = e.Next() {
		infos = append(infos, e.Value.(*child).info)
	}
	return infos
}

// Child returns what can be seen of the child with that name, or below it with that path of
// names, as "front/cache", through supervisors and what embeds one. ok is false if there is
// none. It never waits for a child, and may be called from anywhere.
func (s *Supervisor) Child(name string) (info ChildInfo, ok bool) {
	s.made()
	first, rest, nested := strings.Cut(name, "/")
	s.mu.Lock()
	if e := s.byName[first]; e != nil {
		info, ok = e.Value.(*child).info, true
	}
	s.mu.Unlock()
	if !ok || !nested {
		return info, ok
	}
	if sub := supervisorOf(info.Service); sub != nil {
		return sub.Child(rest)
	}
	return ChildInfo{}, false
}

// Up reports whether the tree is up: this supervisor, and all children and what is below
// them that are to run. A child that was terminated, or has ended and is not restarted, is
// none of these; one that waits to be restarted is, and is not up. It is what a check of
// readiness asks. It never waits for a child, and may be called from anywhere.
func (s *Supervisor) Up() bool {
	s.made()
	s.mu.Lock()
	running := s.state == up
	s.mu.Unlock()
	if !running {
		return false
	}
	for _, c := range s.Children() {
		switch c.State {
		case Terminated, Gone:
			continue
		case Up:
		default:
			return false
		}
		if sub := supervisorOf(c.Service); sub != nil && !sub.Up() {
			return false
		}
	}
	return true
}
