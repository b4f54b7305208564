package actortest

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// EachManner runs f as a test for each manner in which a value may misbehave, each in a
// bubble of its own. What blocks does so until f returns, or calls release.
func EachManner(t *testing.T, what string, f func(t *testing.T, m hostile.Manner, release func())) {
	for _, name := range hostile.Names {
		t.Run(what+"/"+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, release := hostile.New(name)
				defer release()
				f(t, m, release)
			})
		})
	}
}

// EachError does the same for each error that misbehaves.
func EachError(t *testing.T, what string, f func(t *testing.T, name string, err error, release func())) {
	all, release := hostile.Errors()
	release()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(what+"/"+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				errs, release := hostile.Errors() // a channel belongs to its bubble
				defer release()
				f(t, name, errs[name], release)
			})
		})
	}
}
