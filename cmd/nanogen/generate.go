package main

import (
	"errors"
	"slices"
)

// generate returns the files that c asks for. If something is refused there are
// none. The error is for what is wrong at no place of the source.
func generate(c *command) ([]*output, *findings, error) {
	found := &findings{dir: c.dir}
	outs := c.outputs()
	var faults []error
	for _, o := range outs {
		faults = append(faults, o.foreign())
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	src, place, client, err := load(c, outs, found)
	if err != nil || len(found.refusals) > 0 {
		return nil, found, err
	}
	m := &modeler{source: src, place: place, found: found, build: c.build, pools: c.pools, remotes: c.remote, client: client}
	services := m.services(c.types)
	if len(found.refusals) > 0 {
		return nil, found, nil
	}
	for _, o := range outs {
		for _, s := range services {
			if slices.Contains(o.types, s.name) {
				o.services = append(o.services, s)
			}
		}
		where := place
		if o.part == clientPart {
			where = client
		}
		if o.text, err = emit(src, where, c.line(), o.services, o.part); err != nil {
			return nil, nil, err
		}
	}
	return outs, found, nil
}
