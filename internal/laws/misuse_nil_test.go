package laws_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// noService is what is said of a nil service of plain.
const noService = "actor: nil *Service[Plain]"

// zeroProxy is a proxy as nanogen makes it.
type zeroProxy struct {
	*actor.Service[actortest.Plain]
}

func saysNoService(t *testing.T, name string, f func()) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Helper()
		defer func() {
			t.Helper()
			if v := recover(); v != noService {
				t.Errorf("panic: %v", v)
			}
		}()
		f()
	})
}

// Each method of a nil service, and of a zero proxy, says what is nil.
func TestNilServiceMethods(t *testing.T) {
	for _, of := range []any{(*actor.Service[actortest.Plain])(nil), actor.Proxy[actortest.Plain]{}, zeroProxy{}} {
		v := reflect.ValueOf(of)
		if v.NumMethod() == 0 {
			t.Errorf("%T has no methods", of)
		}
		for i := range v.NumMethod() {
			m := v.Method(i)
			var args []reflect.Value
			for j := range m.Type().NumIn() {
				args = append(args, something(m.Type().In(j)))
			}
			saysNoService(t, v.Type().String()+"."+v.Type().Method(i).Name, func() { m.Call(args) })
		}
	}
}

// something returns a value that is no misuse by itself.
func something(t reflect.Type) reflect.Value {
	switch {
	case t == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(context.Background())
	case t.Kind() == reflect.Func:
		return reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value { panic("called") })
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return reflect.ValueOf(1).Convert(t)
	}
	return reflect.Zero(t)
}
