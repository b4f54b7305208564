package seam

// Named is a value that names the function which it is for. The function of an
// actor.Recipient of such values is the library's, and has the user's called: a crash, a
// dead letter and a look at what runs is to name that. A Recipient of them is sent
// one.
type Named interface {
	// Func returns the user's function.
	Func() any
}
