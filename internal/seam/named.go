package seam

// Named is a value that names the function which it is for. An actor.Recipient of such values
// has a function of the library's, which calls the user's. A crash, a dead letter and a look at
// what runs should name the user's. Only one value is sent to such a Recipient.
type Named interface {
	// Func returns the user's function.
	Func() any
}
