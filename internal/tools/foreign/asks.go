package main

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// functions are those of packages that ask whatever they are given, besides package fmt.
var functions = []string{"errors.As", "slog.Any", "slog.AnyValue", "json.Marshal", "json.MarshalIndent"}

// silent are those that only keep the error or the context which they are given.
var silent = []string{"context.WithValue", "context.WithoutCancel", "errors.Join"}

// asks returns what a node asks of a value that may be the user's, or "".
func asks(info *types.Info, n ast.Node) string {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if s := info.Selections[n]; s != nil && s.Kind() == types.MethodVal && types.IsInterface(s.Recv()) {
			if what := interest(s.Recv()); what != "" {
				return what + "." + n.Sel.Name
			}
		}
		if t := info.TypeOf(n.X); t != nil && t.String() == "*log/slog.Logger" {
			return "Logger." + n.Sel.Name
		} else if t != nil && t.String() == "log/slog.Value" && (n.Sel.Name == "Resolve" || n.Sel.Name == "String") {
			return "Value." + n.Sel.Name
		}
	case *ast.CallExpr:
		f := called(info, n)
		if f == nil || f.Pkg() == nil {
			return ""
		}
		return asksGiven(info, n, f)
	}
	return ""
}

// asksGiven returns the name of f if it asks what it is given in the call n: what is not the
// library's does so with errors and contexts, and some with everything.
func asksGiven(info *types.Info, n *ast.CallExpr, f *types.Func) string {
	name := f.Pkg().Name() + "." + f.Name()
	recv := f.Signature().Recv() // what has an interface for one, or a Logger, is asked itself
	if strings.HasPrefix(f.Pkg().Path()+"/", module) || slices.Contains(silent, name) ||
		recv != nil && (types.IsInterface(recv.Type()) || f.Pkg().Path() == "log/slog") {
		return ""
	}
	anything := f.Pkg().Path() == "fmt" || slices.Contains(functions, name)
	for _, arg := range formatted(info, n) {
		what := info.TypeOf(arg).String()
		if foreignValue(info, arg) && (anything || what == "error" || what == "[]error" || what == "context.Context") {
			return name
		}
	}
	return ""
}

// called returns the function or the method that is called, if it is a named one.
func called(info *types.Info, n *ast.CallExpr) *types.Func {
	fun := n.Fun
	if x, ok := fun.(*ast.IndexExpr); ok { // with a type argument
		fun = x.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	f, _ := info.Uses[sel.Sel].(*types.Func)
	return f
}

// formatted returns the arguments of a function of package fmt that it asks for their text:
// a constant format says which are of %T and %p, and those are not.
func formatted(info *types.Info, n *ast.CallExpr) (args []ast.Expr) {
	verbs, from := "", 0
	for i, arg := range n.Args {
		if v := info.Types[arg].Value; v != nil && v.Kind() == constant.String && strings.Contains(constant.StringVal(v), "%") {
			verbs, from = verbsOf(constant.StringVal(v)), i+1
			break
		}
	}
	for i, arg := range n.Args {
		if at := i - from; i >= from && at < len(verbs) && strings.ContainsRune("Tp", rune(verbs[at])) {
			continue
		}
		args = append(args, arg)
	}
	return args
}

// verbsOf returns the verbs of a format, in order; a width given by an argument is a verb, too.
// Of one that numbers its arguments it returns none.
func verbsOf(format string) (verbs string) {
	inside := false
	for _, c := range format {
		switch {
		case !inside:
			inside = c == '%'
		case strings.ContainsRune("+-# 0123456789.", c):
		case c == '[':
			return ""
		case c == '*':
			verbs += "*"
		default:
			if inside = false; c != '%' {
				verbs += string(c)
			}
		}
	}
	return verbs
}

// foreignValue reports whether an argument may be the user's: it is an interface, a type
// parameter, or some of these. What is named in a package, as ErrStopped, is that package's.
func foreignValue(info *types.Info, x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	if sel, is := x.(*ast.SelectorExpr); is {
		id, ok = sel.Sel, true
	}
	if ok {
		if v, is := info.Uses[id].(*types.Var); is && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
			return false
		}
	}
	t := info.TypeOf(x)
	if s, ok := t.Underlying().(*types.Slice); ok {
		t = s.Elem()
	}
	return t.String() != "io.Writer" && types.IsInterface(t)
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
