// Package copied copies a service. A test runs go vet on it.
package copied

import "github.com/bruskajp/nano_services/actor"

type counter struct{ n int }

// Copy returns a copy of a service, which vet reports.
func Copy(svc *actor.Service[counter]) actor.Service[counter] {
	other := *svc
	return other
}
