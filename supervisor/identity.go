package supervisor

import (
	"reflect"
	"strings"

	"github.com/bruskajp/nano_services/actor"
)

// isLibrary reports whether t is a *Supervisor or an *actor.Service.
func isLibrary(t reflect.Type) bool {
	if t == supervisorType {
		return true
	}
	if t.Kind() != reflect.Pointer {
		return false
	}
	t = t.Elem()
	return t.PkgPath() == actorPackage && strings.HasPrefix(t.Name(), "Service[")
}

var (
	supervisorType = reflect.TypeFor[*Supervisor]()
	actorPackage   = reflect.TypeFor[actor.PanicError]().PkgPath()
)

// supervisor is the method by which a supervisor is known, and a type that embeds one: that
// is looked at as the supervisor in it, and served by its own Serve.
func (s *Supervisor) supervisor() *Supervisor { return s }

// supervisorOf returns the supervisor that svc is, or embeds, or nil. svc is not nil; what
// it embeds may be.
func supervisorOf(svc any) (sub *Supervisor) {
	if x, ok := svc.(interface{ supervisor() *Supervisor }); ok {
		defer func() { _ = recover() }()
		sub = x.supervisor()
	}
	return sub
}

// identity returns the key by which a tree knows svc, so that it is added only once. It
// returns nil if two equal values may well be two services.
func identity(svc Service) Service {
	if sub := supervisorOf(svc); sub != nil {
		return sub
	}
	if hasIdentity(svc) {
		return svc
	}
	return nil
}

// hasIdentity reports whether two services that equal svc are one. Functions can not be compared;
// equal values, and pointers to types of size zero, may well be meant to be two services.
func hasIdentity(svc Service) bool {
	t := reflect.TypeOf(svc)
	if t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Anonymous && serves(t.Field(0).Type) { // a proxy
		t = t.Field(0).Type
	}
	return t.Kind() == reflect.Pointer && t.Elem().Size() > 0
}
