package tagged

import "testing"

// The name of a package that is imported, and one that is to be generated.
func actor(t *testing.T)      {}
func smallActor(t *testing.T) {}
