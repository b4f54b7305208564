package actor

import "encoding/json"

// Var is a variable for package expvar: it has the one method that expvar.Var asks for.
// The library does not import expvar, which registers a handler with the default
// ServeMux of net/http in every program that does.
//
//	expvar.Publish("orders", orders.Var())
type Var func() any

// String calls the function and returns its result in JSON.
func (v Var) String() string {
	text, err := json.Marshal(v())
	if err != nil {
		text, _ = json.Marshal("actor: " + err.Error())
	}
	return string(text)
}

// Var returns the service's Info as a variable.
func (c *core) Var() Var { return func() any { return c.Info() } }
