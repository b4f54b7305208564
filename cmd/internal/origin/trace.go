package origin

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Trace tells where the values in a function come from.
type Trace struct {
	info    *types.Info
	pkg     *types.Package
	f       Function
	pointer bool // the variable with the state is one

	// Of variables: what they are given, by expressions that stand for one value;
	// whether they begin with the zero value; whether they get anything otherwise, or
	// may; and whether what they have is also put somewhere else.
	sources map[types.Object][]ast.Expr
	zero    map[types.Object]bool
	clouded map[types.Object]bool
	kept    map[types.Object]bool
	parts   map[types.Object][]ast.Expr // what their fields and elements are given

	// What parts of the struct, as they are written, are given instead.
	replaced map[string][]replacement
	deleted  map[string]bool
	function token.Pos // where the last function within the function ends

	visiting map[types.Object]bool
}

// A replacement is what a part of the struct is given, and where that is done.
type replacement struct {
	value ast.Expr
	end   token.Pos
}

// Trace looks at a function.
func (s *Source) Trace(f Function) *Trace {
	t := &Trace{
		info: s.Info, pkg: s.Package, f: f, sources: map[types.Object][]ast.Expr{}, zero: map[types.Object]bool{},
		clouded: map[types.Object]bool{}, kept: map[types.Object]bool{}, visiting: map[types.Object]bool{},
		parts: map[types.Object][]ast.Expr{}, replaced: map[string][]replacement{}, deleted: map[string]bool{},
	}
	if f.State != nil {
		_, t.pointer = types.Unalias(f.State.Type()).(*types.Pointer)
	}
	t.signature(f.Type)
	ast.Inspect(f.Body, t.note)
	return t
}

// signature notes the parameters and results of the method, or of a function in it.
func (t *Trace) signature(f *ast.FuncType) {
	for _, field := range f.Params.List {
		for _, id := range field.Names {
			if obj := t.object(id); obj != t.f.State {
				t.clouded[obj] = true
			}
		}
	}
	for _, id := range resultNames(f) {
		t.zero[t.object(id)] = true
	}
}

func resultNames(f *ast.FuncType) (names []*ast.Ident) {
	if f.Results != nil {
		for _, field := range f.Results.List {
			names = append(names, field.Names...)
		}
	}
	return names
}

// note notes what the variables of a method are given, and where what they have
// goes.
func (t *Trace) note(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		t.assign(n)
	case *ast.ValueSpec:
		for i, id := range n.Names {
			switch len(n.Values) {
			case 0:
				t.zero[t.object(id)] = true
			case len(n.Names):
				t.given(id, n.Values[i])
			default:
				t.cloud(id)
			}
		}
	case *ast.RangeStmt:
		t.cloud(n.Key)
		t.cloud(n.Value)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			t.cloud(n.X)
		}
	case *ast.FuncLit:
		t.signature(n.Type)
		t.function = max(t.function, n.End())
	case *ast.SendStmt:
		t.keep(n.Value)
	case *ast.CallExpr:
		if !t.forgets(n) {
			for _, arg := range n.Args {
				t.keep(arg)
			}
		} else if t.callee(n) == "delete" && len(n.Args) == 2 {
			t.deleted[types.ExprString(n.Args[0])+"["+types.ExprString(n.Args[1])+"]"] = true
		}
	}
	return true
}

func (t *Trace) assign(n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		id, local := left.(*ast.Ident)
		pairs := len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE)
		switch {
		case !local && pairs:
			t.keep(n.Rhs[i])
			t.replace(left, n.Rhs[i], n.End())
		case !local:
		case pairs:
			t.given(id, n.Rhs[i])
		case i == 0 && len(n.Rhs) == 1 && isIndex(n.Rhs[0]): // v, ok := m[k]
			t.given(id, n.Rhs[0])
		default:
			t.cloud(id)
		}
	}
}

// replace notes that a field or an element is given a value, by a statement that
// ends there.
func (t *Trace) replace(part, value ast.Expr, end token.Pos) {
	if end < t.function { // in a function, which may be called later
		end = t.f.Body.End()
	}
	name := types.ExprString(part)
	t.replaced[name] = append(t.replaced[name], replacement{value, end})
	if obj := t.object(root(part)); obj != nil {
		t.parts[obj] = append(t.parts[obj], value)
	}
}

// root returns what the fields and elements of e belong to.
func root(e ast.Expr) ast.Expr {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return x
		}
	}
}

func isIndex(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.IndexExpr)
	return ok
}

func (t *Trace) object(e ast.Expr) types.Object {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	if obj := t.info.Defs[id]; obj != nil {
		return obj
	}
	return t.info.Uses[id]
}

func (t *Trace) given(id *ast.Ident, e ast.Expr) {
	if obj := t.object(id); obj != nil {
		t.sources[obj] = append(t.sources[obj], e)
	}
}

func (t *Trace) cloud(e ast.Expr) { t.clouded[t.object(e)] = true }

// keep notes that somebody else gets the value of e, and so may keep what
// variables in it refer to.
func (t *Trace) keep(e ast.Expr) {
	ast.Inspect(e, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if id, ok := e.(*ast.Ident); ok {
			t.kept[t.object(id)] = true
		}
		_, basic := t.under(e).(*types.Basic)
		return !basic || t.info.TypeOf(e) == nil // a string refers to nothing that changes
	})
}

// variable returns the origin of what a variable may hold: known if it is the same
// for all that it is given.
func (t *Trace) variable(id *ast.Ident) (Origin, string) {
	obj := t.object(id)
	switch {
	case obj == nil || t.clouded[obj]:
		return Unknown, ""
	case obj == t.f.State:
		if t.pointer {
			return State, "the receiver"
		}
		return Unknown, ""
	case t.visiting[obj]:
		return same, ""
	}
	t.visiting[obj] = true
	defer delete(t.visiting, obj)
	all, part := Unknown, ""
	if t.zero[obj] {
		all = Fresh
	}
	first := true
	for _, e := range t.sources[obj] {
		o, what := t.Of(e)
		if o != same && t.takenOut(e) {
			o = Fresh
		}
		switch {
		case o == same:
		case first:
			// The zero value is nobody's: what comes after it decides.
			all, part, first = o, what, false
		case o != all:
			return Unknown, ""
		}
	}
	switch {
	case all == Fresh && t.kept[obj], all == Copied:
		return Unknown, "" // the parts of a copy may have become others
	case all == Fresh:
		return t.filled(obj)
	}
	return all, part
}

// filled returns the origin of what a variable refers to that was fresh, and then got
// parts.
func (t *Trace) filled(obj types.Object) (all Origin, _ string) {
	all = Fresh
	for _, e := range t.parts[obj] {
		switch o, part := t.Of(e); {
		case o == State && !t.takenOut(e):
			return State, part
		case o == Copied:
			all = Unknown
		}
	}
	return all, ""
}

// takenOut reports whether a part of the struct is replaced by what is fresh, or
// deleted, later in the method: a variable that had it before is handed over.
func (t *Trace) takenOut(part ast.Expr) bool {
	name := types.ExprString(ast.Unparen(part))
	for _, r := range t.replaced[name] {
		if o, _ := t.Of(r.value); o == Fresh && r.end > part.Pos() {
			return true
		}
	}
	return t.deleted[name]
}

// Results returns what the function returns: each value of each return statement.
func (t *Trace) Results() (all []Result) {
	add := func(pos token.Pos, e ast.Expr, typ types.Type) {
		o, part := t.Of(e)
		all = append(all, Result{pos, typ, o, part})
	}
	ast.Inspect(t.f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == 0 {
				for _, id := range resultNames(t.f.Type) {
					if obj := t.info.Defs[id]; obj != nil {
						add(n.Pos(), id, obj.Type())
					}
				}
			}
			for _, e := range n.Results {
				if tuple, ok := t.info.TypeOf(e).(*types.Tuple); ok { // return f()
					for v := range tuple.Variables() {
						add(e.Pos(), e, v.Type())
					}
				} else if typ := t.info.TypeOf(e); typ != nil {
					add(e.Pos(), e, typ)
				}
			}
		}
		return true
	})
	return all
}
