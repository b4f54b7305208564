// Package names has names that are also those of generated code.
package names

import (
	"context"
	halfActor "fmt"
)

//go:generate go tool nanogen -type Names,Half
//go:generate go tool nanogen -type HTTP,Http

type (
	results struct{}
	all     struct{}
	failed  int
)

// This name is taken.
type namesActor int

func actor() {}

// Names has methods and parameters with all kinds of names.
type Names struct{}

// NewNames has such parameters too.
func NewNames(opts, ctx int, context string, Names bool, NewNames error) (*Names, error) {
	return nil, nil
}

// Packages has parameters with the names of packages that are imported.
func (*Names) Packages(actor string, context int) (string, error) { return "", nil }

// Variables has those of variables.
func (*Names) Variables(svc, n, c, results, all, failed, err, p1, r1 int) (int, bool) {
	return 0, false
}

// Contexts has a parameter ctx that is none.
func (*Names) Contexts(ctx int) int { return ctx }

// OtherContext has a context under another name.
func (*Names) OtherContext(c context.Context, ctx int) error { return nil }

// Results has results with such names.
func (*Names) Results(a int) (ctx, err int, svc string) { return 0, 0, "" }

// Types has parameters with the names of types that it needs.
func (*Names) Types(Names int, string bool, error int, r1 int) (results, int) { return results{}, 0 }

// Locals has types with the names of variables.
func (*Names) Locals(results, all, failed int) (r1 results, r2 all, r3 failed) { return }

// Predeclared has others of the language.
func (*Names) Predeclared(len, new, nil, true, iota, int int, comparable string) (any int, err error) {
	return
}

// Service is what the proxy would have.
func (*Names) Service(i int) int { return i }

// Do and the others are a service's.
func (*Names) Do(f func()) {}

// Run is one of those.
func (*Names) Run(ctx context.Context, f func(context.Context) error) error { return nil }

// Stop is one of those.
func (*Names) Stop(ctx context.Context) error { return nil }

// Call is a function of package actor.
func (*Names) Call() int { return 0 }

// Twins has results that differ in case alone, and one that cannot be exported.
//
//nano:future
func (*Names) Twins() (twin, Twin int, _twin string) { return }

// Half has methods that a supervisor looks for: its service does not embed one.
type Half struct{}

func newHalf() *Half { halfActor.Print(); return &Half{} }

// Name is one of those.
func (*Half) Name() string { return "" }

// Done is one of those.
func (*Half) Done() <-chan struct{} { return nil }

// Serve is one of those, with other parameters.
func (*Half) Serve(name string) error { return nil }

// HTTP and Http differ in nothing but case: what is generated for them is in one
// file.
type (
	HTTP struct{}
	Http struct{}
)

// NewHTTP makes one.
func NewHTTP() *HTTP { return &HTTP{} }

// NewHttp makes the other one.
func NewHttp() *Http { return &Http{} }

// Get gets.
func (*HTTP) Get() {}

// Get gets.
func (*Http) Get() {}
