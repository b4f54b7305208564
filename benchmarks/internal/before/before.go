// Package before has the library of an earlier commit as a system, in a program that
// package against has built. Its files are replaced then: in the repository it is empty.
package before

import "github.com/bruskajp/nano_services/benchmarks/internal/systems"

// Commit says which commit it is: its hash, its day and its subject. Empty: there is none.
const Commit = ""

// Systems returns the library as a system whose name is before, if there is one.
func Systems() []*systems.System { return nil }
