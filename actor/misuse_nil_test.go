package actor_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// noService is what is said of a nil service of plain.
const noService = "actor: nil *Service[plain]"

// zeroProxy is a proxy as nanogen makes it.
type zeroProxy struct{ *actor.Service[plain] }

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
	for _, of := range []any{(*actor.Service[plain])(nil), actor.Proxy[plain]{}, zeroProxy{}} {
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

// Each form that is given a nil service, or a zero proxy, says what is nil; none is missing
// here.
func TestNilServiceForms(t *testing.T) {
	ctx := context.Background()
	svc := actor.Start(&plain{}, quiet())
	defer svc.Kill()
	in := func(context.Context, *plain) (int, error) { return 0, nil }
	forms := map[string]func(none actor.Ref[plain]){
		"Call":        func(none actor.Ref[plain]) { _, _ = actor.Call(ctx, none, func(*plain) (int, error) { return 0, nil }) },
		"CallContext": func(none actor.Ref[plain]) { _, _ = actor.CallContext(ctx, none, in) },
		"CallLater": func(none actor.Ref[plain]) {
			_, _ = actor.CallLater(ctx, none, func(context.Context, *plain, actor.Reply[int]) {})
		},
		"CallBatched": func(none actor.Ref[plain]) {
			_, _ = actor.CallBatched(ctx, none, func(*plain) (int, error) { return 0, nil })
		},
		"Get":          func(none actor.Ref[plain]) { _, _ = actor.Get(ctx, none, numberOf) },
		"Wait":         func(none actor.Ref[plain]) { _ = actor.Wait(ctx, none, increment) },
		"Async":        func(none actor.Ref[plain]) { actor.Async(none, func(*plain) (int, error) { return 0, nil }) },
		"AsyncContext": func(none actor.Ref[plain]) { actor.AsyncContext(ctx, none, in) },
		"Watch": func(none actor.Ref[plain]) {
			actor.Watch(none, svc, func(*plain, actor.DownNotice) {})
		},
		"Watch, by": func(none actor.Ref[plain]) {
			actor.Watch(svc, none, func(*plain, actor.DownNotice) {})
		},
		"AwaitDown": func(none actor.Ref[plain]) { _, _ = actor.AwaitDown(ctx, none) },
		"Pipe": func(none actor.Ref[plain]) {
			_ = actor.Pipe(none, func(context.Context) (int, error) { return 0, nil }, func(*plain, int, error) {})
		},
		"PipeContext": func(none actor.Ref[plain]) {
			_ = actor.PipeContext(ctx, none, func(context.Context) (int, error) { return 0, nil }, func(context.Context, *plain, int, error) {})
		},
		"Go":           func(none actor.Ref[plain]) { _ = actor.Go(none, func(context.Context) error { return nil }) },
		"Inspect":      func(none actor.Ref[plain]) { _, _ = actor.Inspect(ctx, none, numberOf) },
		"NewRecipient": func(none actor.Ref[plain]) { _, _ = actor.NewRecipient(none, func(*plain, int) {}) },
		"ProxyOf":      func(none actor.Ref[plain]) { actor.ProxyOf(none) },
	}
	for name, form := range forms {
		saysNoService(t, name+" of nil", func() { form((*actor.Service[plain])(nil)) })
		saysNoService(t, name+" of a zero proxy", func() { form(zeroProxy{}) })
		saysNoService(t, name+" of a zero Proxy", func() { form(actor.Proxy[plain]{}) })
	}
	forms["NewView"], forms["NewBurstView"] = nil, nil // take a service only
	saysNoService(t, "NewBurstView of nil", func() { actor.NewBurstView((*actor.Service[plain])(nil), numberOf) })
	saysNoService(t, "NewView of nil", func() { actor.NewView((*actor.Service[plain])(nil), numberOf) })
	for _, name := range takingServices(t) {
		if _, ok := forms[name]; !ok {
			t.Errorf("%s is not among the forms", name)
		}
	}
	if s := actor.Self[plain](ctx); s != nil {
		t.Errorf("Self = %v", s)
	}
	var none *actor.Service[plain]
	saysNoService(t, "a nil variable", func() { none.After(time.Second, increment) })
}

// takingServices returns the names of the package's functions that take a service.
func takingServices(t *testing.T) (names []string) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil && !strings.Contains(err.Error(), "type parameters") { // those of a later Go
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() {
				continue
			}
			for _, p := range f.Type.Params.List {
				x := p.Type
				if star, ok := x.(*ast.StarExpr); ok {
					x = star.X
				}
				if i, ok := x.(*ast.IndexExpr); ok && (i.X.(*ast.Ident).Name == "Ref" || i.X.(*ast.Ident).Name == "Service") {
					names = append(names, f.Name.Name)
					break
				}
			}
		}
	}
	if len(names) < 10 {
		t.Errorf("only %v take a service", names)
	}
	return names
}
