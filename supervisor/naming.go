package supervisor

import (
	"strings"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// resolve gives children without a name the names of their services, if these have some. It
// waits for answers until over is closed. It returns why some gave none, by their indexes.
func resolve(over <-chan struct{}, cs []Child) (nameless map[int]error) {
	asked := make([]*foreign.Question[string], len(cs))
	foreign.InTurn(over, len(cs), func(i int) foreign.Asked {
		name := cs[i].namedBy()
		if name == nil {
			return foreign.Here(func() struct{} { return struct{}{} })
		}
		asked[i] = begin(new(foreign.Questions), cs[i].Service, false, "Name", name)
		return asked[i]
	})
	for i, q := range asked {
		if q == nil {
			continue
		}
		full, err := q.Answer()
		if err == nil {
			cs[i].Name = full[strings.LastIndexByte(full, '/')+1:]
			continue
		}
		if nameless == nil {
			nameless = map[int]error{}
		}
		nameless[i] = err
	}
	return nameless
}

// namedBy returns the function that tells the name of a child without one, or nil.
func (c *Child) namedBy() func() string {
	if c.Name != "" || c.Service == nil || isNil(c.Service) {
		return nil
	}
	switch svc := c.Service.(type) {
	case interface{ ownName() string }:
		return svc.ownName
	case interface{ Name() string }:
		return svc.Name
	}
	return nil
}
