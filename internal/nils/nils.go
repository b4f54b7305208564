// Package nils calls all that a package exports with nil, for the tests: what is nil, or was
// never made, is said with a package's name, and not by the runtime at a line within.
package nils

import (
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Table has the exported functions of a package, and values of its exported types.
type Table struct {
	Funcs map[string]any // by name; generic ones with type arguments
	Types map[string]any // by name: a value of a type with methods that is in order; of a pointer type a pointer
	Args  []any          // for parameters of these types, besides contexts, functions and numbers
	Nones []any          // what counts as nil besides nil
	Data  []string       // types of plain data, also errors: of a nil pointer the runtime's word will do
	May   []string       // "Exit 1", "Timer.Cancel nil": an argument, or a receiver, that may be nil
}

// Walk calls each function and method with nil for each argument that can be nil, and with what
// is in order for the others. It also calls each method of a nil pointer, and of a zero value.
// What the package has and the table lacks is an error.
func (x *Table) Walk(t *testing.T) {
	funcs, methods := exported(t)
	own := map[string][]string{} // methods of each type
	for _, m := range methods {
		of, method, _ := strings.Cut(m, ".")
		own[of] = append(own[of], method)
	}
	for _, name := range funcs {
		f, ok := x.Funcs[name]
		if !ok {
			t.Errorf("%s is not in the table", name)
			continue
		}
		x.arguments(t, name, reflect.ValueOf(f))
	}
	for name := range own {
		v, ok := x.Types[name]
		if !ok {
			t.Errorf("the type %s, which has methods, is not in the table", name)
			continue
		}
		x.methods(t, name, reflect.ValueOf(v), own[name])
	}
	for name := range x.Funcs {
		if !slices.Contains(funcs, name) {
			t.Errorf("there is no function %s", name)
		}
	}
	for _, may := range x.May {
		t.Errorf("%s: it has not been nil, or panics", may)
	}
}

// methods does that for a type that declares own. With a nil pointer only those are called: the
// others are promoted by functions that the compiler makes.
func (x *Table) methods(t *testing.T, name string, v reflect.Value, own []string) {
	for i := range v.NumMethod() {
		method := v.Type().Method(i).Name
		x.arguments(t, name+"."+method, v.Method(i))
		args := x.args(t, name+"."+method, v.Method(i).Type())
		if v.Kind() == reflect.Pointer {
			if !slices.Contains(x.Data, name) && slices.Contains(own, method) {
				x.call(t, name+"."+method+" nil", reflect.Zero(v.Type()).Method(i), args, true)
			}
			x.call(t, name+"."+method+" zero", reflect.New(v.Type().Elem()).Method(i), args, false)
		} else {
			x.call(t, name+"."+method+" zero", reflect.Zero(v.Type()).Method(i), args, false)
		}
	}
}

// arguments calls f with nil for each argument that can be.
func (x *Table) arguments(t *testing.T, name string, f reflect.Value) {
	for i := range f.Type().NumIn() {
		in := f.Type().In(i)
		if f.Type().IsVariadic() && i == f.Type().NumIn()-1 {
			in = in.Elem()
		}
		if !canBeNil(in.Kind()) {
			continue
		}
		nones := []reflect.Value{reflect.Zero(in)}
		for _, none := range x.Nones {
			if v := reflect.ValueOf(none); in.Kind() == reflect.Interface && in.NumMethod() > 0 && v.Type().AssignableTo(in) {
				nones = append(nones, v)
			}
		}
		for _, none := range nones {
			args := append(x.args(t, name, f.Type()), none) // after the dots, if it is not one of them
			args[i] = none
			x.call(t, fmt.Sprint(name, " ", i), f, args[:max(i+1, len(args)-1)], true)
		}
	}
}

// says is how a text of the library begins.
var says = regexp.MustCompile(`^(actor|topic|supervisor|pool|observer|httpserver): `)

func canBeNil(k reflect.Kind) bool {
	return k == reflect.Pointer || k == reflect.Interface || k == reflect.Func || k == reflect.Chan
}

// call calls f. If must, f is to say what is nil, unless that may be nil; otherwise it is only
// not to stumble over it.
func (x *Table) call(t *testing.T, name string, f reflect.Value, args []reflect.Value, must bool) {
	defer func() {
		v := recover()
		text, ok := v.(string)
		i := slices.Index(x.May, name)
		switch {
		case v == nil && i >= 0:
			x.May = slices.Delete(x.May, i, i+1)
		case v == nil && must:
			t.Errorf("%s: does not say what is nil", name)
		case v != nil && (!ok || !says.MatchString(text)):
			t.Errorf("%s: panics with %v", name, v)
		case testing.Verbose() && v != nil:
			t.Logf("%s: %s", name, text)
		}
	}()
	f.Call(args)
}

// args returns what is in order for all parameters but those after the dots.
func (x *Table) args(t *testing.T, name string, f reflect.Type) (args []reflect.Value) {
	ended, cancel := context.WithCancel(context.Background())
	cancel() // so that nothing is waited for
next:
	for i := range f.NumIn() {
		in := f.In(i)
		if f.IsVariadic() && i == f.NumIn()-1 {
			break
		}
		for _, a := range append([]any{ended}, x.Args...) {
			if v := reflect.ValueOf(a); v.Type().AssignableTo(in) {
				args = append(args, v)
				continue next
			}
		}
		switch {
		case in.Kind() == reflect.Func:
			args = append(args, reflect.MakeFunc(in, func([]reflect.Value) (out []reflect.Value) {
				for i := range in.NumOut() {
					out = append(out, reflect.Zero(in.Out(i)))
				}
				return out
			}))
		case canBeNil(in.Kind()):
			t.Errorf("%s: no argument for a %v", name, in)
			args = append(args, reflect.Zero(in))
		case in.Kind() == reflect.Int || in.Kind() == reflect.Int64:
			args = append(args, reflect.ValueOf(1).Convert(in))
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	return args
}

// exported returns the exported functions of the package in the working directory, and the
// exported methods of its exported types, each behind the type.
func exported(t *testing.T) (funcs, methods []string) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			if f.Recv == nil {
				funcs = append(funcs, f.Name.Name)
			} else if of := receiver(f.Recv.List[0].Type); ast.IsExported(of) {
				methods = append(methods, of+"."+f.Name.Name)
			}
		}
	}
	if len(funcs)+len(methods) == 0 {
		t.Error("the package exports nothing")
	}
	return funcs, methods
}

func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// Calls returns, by name, calls of all functions and methods in the table that take a
// context, with ctx for it and with what is in order for the rest.
func (x *Table) Calls(t *testing.T, ctx context.Context) map[string]func() {
	all := map[string]func(){}
	add := func(name string, f reflect.Value) {
		for i := range f.Type().NumIn() {
			if f.Type().In(i) == reflect.TypeFor[context.Context]() {
				args := x.args(t, name, f.Type())
				args[i] = reflect.ValueOf(ctx)
				all[name] = func() { f.Call(args) }
			}
		}
	}
	for name, f := range x.Funcs {
		add(name, reflect.ValueOf(f))
	}
	for name, v := range x.Types {
		v := reflect.ValueOf(v)
		for i := range v.NumMethod() {
			add(name+"."+v.Type().Method(i).Name, v.Method(i))
		}
	}
	return all
}

// Errors returns, by name, calls of all functions and methods in the table that take an error,
// or anything, or a function that returns an error: with err for these, or with functions that
// panic with it, and with ctx for contexts.
func (x *Table) Errors(t *testing.T, ctx context.Context, err error) map[string]func() {
	all := map[string]func(){}
	add := func(name string, f reflect.Value) {
		for way, with := range map[string]func(in reflect.Type) (reflect.Value, bool){
			"given": func(in reflect.Type) (reflect.Value, bool) {
				return reflect.ValueOf(&err).Elem(), isError(in) || in == anything
			},
			"returned": func(in reflect.Type) (reflect.Value, bool) { return returning(in, err) },
			"panicked": func(in reflect.Type) (reflect.Value, bool) { return panicking(in, err) },
		} {
			args, some := x.args(t, name, f.Type()), false
			for i := range args {
				in := f.Type().In(i)
				if in == reflect.TypeFor[context.Context]() {
					args[i] = reflect.ValueOf(ctx)
				} else if v, ok := with(in); ok {
					args[i], some = v, true
				}
			}
			if some {
				all[name+", "+way] = func() { f.Call(args) }
			}
		}
	}
	for name, f := range x.Funcs {
		add(name, reflect.ValueOf(f))
	}
	for name, v := range x.Types {
		v := reflect.ValueOf(v)
		for i := range v.NumMethod() {
			add(name+"."+v.Type().Method(i).Name, v.Method(i))
		}
	}
	return all
}

var anything = reflect.TypeFor[any]()

func isError(t reflect.Type) bool { return t == reflect.TypeFor[error]() }

// returning is a function that returns err for each error.
func returning(in reflect.Type, err error) (f reflect.Value, ok bool) {
	if in.Kind() != reflect.Func {
		return f, false
	}
	for i := range in.NumOut() {
		ok = ok || isError(in.Out(i))
	}
	return reflect.MakeFunc(in, func([]reflect.Value) (out []reflect.Value) {
		for i := range in.NumOut() {
			v := reflect.New(in.Out(i)).Elem()
			if isError(in.Out(i)) {
				v.Set(reflect.ValueOf(&err).Elem())
			}
			out = append(out, v)
		}
		return out
	}), ok
}

// panicking is a function that panics with err.
func panicking(in reflect.Type, err error) (f reflect.Value, ok bool) {
	if in.Kind() != reflect.Func {
		return f, false
	}
	return reflect.MakeFunc(in, func([]reflect.Value) []reflect.Value { panic(err) }), true
}
