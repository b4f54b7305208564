package origin

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// call returns the results of a call, or of a conversion.
func (in *interp) call(e *env, c *ast.CallExpr) []value {
	if in.info.Types[c.Fun].IsType() {
		return []value{in.conversion(e, c)}
	}
	name := in.callee(c)
	if in.isBuiltin(c) {
		return []value{in.builtin(e, c, name)}
	}
	if fn := in.function(c); fn != nil {
		if decl := in.decls[fn.Origin()]; decl != nil {
			return in.followDecl(e, c, fn, decl)
		}
		if all, ok := in.known(e, c, name); ok {
			return all
		}
		operands := in.operands(e, c)
		if fn.Signature().Recv() == nil && forgetful[pathOf(fn)] {
			in.runClosures(e, operands)
			return results(fn.Signature(), value{fresh{}})
		}
		return results(fn.Signature(), in.strange(e, operands))
	}
	fun := in.eval(e, c.Fun)
	if len(fun) == 1 {
		if f, ok := fun[0].(closure); ok {
			return in.followClosure(e, c, f)
		}
	}
	v := in.strange(e, append(in.operands(e, c), fun))
	if sig, ok := under(in.info.TypeOf(c.Fun)).(*types.Signature); ok {
		return results(sig, v)
	}
	return []value{v}
}

// results returns v for each result.
func results(sig *types.Signature, v value) []value {
	all := make([]value, sig.Results().Len())
	for i := range all {
		if mayRefer(sig.Results().At(i).Type()) {
			all[i] = v
		}
	}
	return all
}

func (in *interp) conversion(e *env, c *ast.CallExpr) value {
	if len(c.Args) != 1 {
		return nil
	}
	v := in.eval(e, c.Args[0])
	_, toArray := under(in.info.TypeOf(c)).(*types.Array)
	if _, fromSlice := under(in.info.TypeOf(c.Args[0])).(*types.Slice); toArray && fromSlice {
		return value{record{}.with(anyElement, in.elements(e, v, "?", "an element of "))}
	}
	return v
}

// function returns the function, or the method of a type, that is called, or nil.
func (in *interp) function(c *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch f := uninstantiated(c.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	fn, ok := in.info.Uses[id].(*types.Func)
	if !ok {
		return nil
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return nil
	}
	return fn
}

func uninstantiated(f ast.Expr) ast.Expr {
	switch f := ast.Unparen(f).(type) {
	case *ast.IndexExpr:
		return ast.Unparen(f.X)
	case *ast.IndexListExpr:
		return ast.Unparen(f.X)
	default:
		return f
	}
}

// callee returns the name of the builtin function that is called, or path and name
// of a function of a package; else "".
func (in *interp) callee(c *ast.CallExpr) string {
	switch f := uninstantiated(c.Fun).(type) {
	case *ast.Ident:
		if _, ok := in.info.Uses[f].(*types.Builtin); ok {
			return f.Name
		}
	case *ast.SelectorExpr:
		if fn, ok := in.info.Uses[f.Sel].(*types.Func); ok && fn.Signature().Recv() == nil {
			return pathOf(fn) + "." + fn.Name()
		}
	}
	return ""
}

func (in *interp) isBuiltin(c *ast.CallExpr) bool {
	id, ok := uninstantiated(c.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = in.info.Uses[id].(*types.Builtin)
	return ok
}

func pathOf(fn *types.Func) string {
	if fn.Pkg() == nil {
		return ""
	}
	return fn.Pkg().Path()
}

// operands returns what a call gets: arguments, and the receiver of a method.
func (in *interp) operands(e *env, c *ast.CallExpr) (all []value) {
	if x, ok := uninstantiated(c.Fun).(*ast.SelectorExpr); ok {
		if sel := in.info.Selections[x]; sel != nil && sel.Kind() == types.MethodVal {
			all = append(all, in.receiver(e, x))
		}
	}
	if lit, ok := ast.Unparen(c.Fun).(*ast.FuncLit); ok {
		all = append(all, value{closure{lit, in.fr}})
	}
	for _, x := range c.Args {
		all = append(all, in.eval(e, x))
	}
	return all
}

// receiver returns that of a method, as the method gets it.
func (in *interp) receiver(e *env, x *ast.SelectorExpr) value {
	sel := in.info.Selections[x]
	t, index := in.info.TypeOf(x.X), sel.Index()
	fn, ok := sel.Obj().(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return value{unknown{}}
	}
	if types.IsInterface(t) {
		return in.eval(e, x.X)
	}
	var all []place
	if len(index) == 1 {
		if !isPointer(t) && !isPointer(fn.Signature().Recv().Type()) {
			return in.eval(e, x.X)
		}
		if isPointer(t) && isPointer(fn.Signature().Recv().Type()) {
			return in.eval(e, x.X)
		}
	}
	all = in.structs(e, x.X)
	pointer := false
	if len(index) > 1 {
		all = in.follow(e, all, t, index[:len(index)-1])
		pointer = isPointer(fieldType(t, index[:len(index)-1]))
		if pointer {
			all = pointees(in.at(e, all))
		}
	}
	if isPointer(fn.Signature().Recv().Type()) {
		return pointers(all)
	}
	return in.at(e, all)
}

// fieldType returns the type of the field at an index path.
func fieldType(t types.Type, index []int) types.Type {
	for _, i := range index {
		if p := pointerTo(t); p != nil {
			t = p
		}
		s, ok := under(t).(*types.Struct)
		if !ok || i >= s.NumFields() {
			return nil
		}
		t = s.Field(i).Type()
	}
	return t
}

// strange is a call of which nothing is known. It may keep what it gets, and may
// return, put into its arguments, or take out of the state, what it can get at. It returns
// what its results may be.
func (in *interp) strange(e *env, operands []value) value {
	in.runClosures(e, operands)
	if !slices.ContainsFunc(operands, func(v value) bool { return in.touches(e, v, map[site]bool{}) }) {
		for _, v := range operands {
			for _, a := range v {
				if m, ok := a.(memory); ok && e.mem[m.at] == nil {
					e.mem[m.at] = value{record{}.with(otherFields, value{fresh{}})}
				}
			}
		}
		return value{fresh{}}
	}
	for _, v := range operands {
		for _, a := range v {
			switch a := a.(type) {
			case memory:
				in.leak(e, value{a})
			case part:
				if a.addr {
					e.doubt(func(p part) bool {
						_, ok := below(p.path, a.path)
						return ok && !p.addr
					})
				}
			}
		}
	}
	return value{unknown{}}
}

// runClosures goes through functions that are called now, or not, with anything.
func (in *interp) runClosures(e *env, operands []value) {
	for _, v := range operands {
		for _, a := range v {
			c, ok := a.(closure)
			if !ok || in.isIn(c.lit.Body) {
				continue
			}
			for range maxRounds {
				here := e.clone()
				in.enter(here, c.lit.Pos(), c.lit.Type, c.lit.Body, c.fr, func() {
					for _, field := range c.lit.Type.Params.List {
						for _, id := range field.Names {
							in.assign(here, id, value{unknown{}}, nil)
						}
					}
				})
				if !e.join(here) {
					break
				}
			}
		}
	}
}

// followDecl follows a call of a function or a method of the package.
func (in *interp) followDecl(e *env, c *ast.CallExpr, fn *types.Func, decl *ast.FuncDecl) []value {
	var recv value
	x, selected := uninstantiated(c.Fun).(*ast.SelectorExpr)
	args := c.Args
	if selected && fn.Signature().Recv() != nil {
		switch sel := in.info.Selections[x]; {
		case sel == nil:
		case sel.Kind() == types.MethodExpr && len(args) > 0: // (*T).Method(t)
			recv, args = in.eval(e, args[0]), args[1:]
		default:
			recv = in.receiver(e, x)
		}
	}
	values := in.arguments(e, c, args, decl.Type)
	if !in.mayFollow(e, decl.Body) {
		return results(fn.Signature(), in.strange(e, append(values, recv)))
	}
	names := in.indices(e, args)
	return in.enter(e, c.Lparen, decl.Type, decl.Body, nil, func() {
		if decl.Recv != nil && len(decl.Recv.List) == 1 && len(decl.Recv.List[0].Names) == 1 {
			in.assign(e, decl.Recv.List[0].Names[0], recv, nil)
		}
		in.bind(e, decl.Type, values, names)
	})
}

// followClosure follows a call of a function literal.
func (in *interp) followClosure(e *env, c *ast.CallExpr, f closure) []value {
	values := in.arguments(e, c, c.Args, f.lit.Type)
	if !in.mayFollow(e, f.lit.Body) {
		v := in.strange(e, append(values, value{f}))
		if sig, ok := under(in.info.TypeOf(c.Fun)).(*types.Signature); ok {
			return results(sig, v)
		}
		return []value{v}
	}
	names := in.indices(e, c.Args)
	return in.enter(e, c.Lparen, f.lit.Type, f.lit.Body, f.fr, func() { in.bind(e, f.lit.Type, values, names) })
}

func (in *interp) mayFollow(e *env, body *ast.BlockStmt) bool {
	return !in.isIn(body) && len(in.frames) < maxDepth && *e.work < enough
}

// isIn reports whether it is in the body of a function already.
func (in *interp) isIn(body *ast.BlockStmt) bool {
	return slices.ContainsFunc(in.frames, func(fr *frame) bool { return fr.body == body })
}

// indices returns the names that the arguments have as indices.
func (in *interp) indices(e *env, args []ast.Expr) (names []string) {
	for _, x := range args {
		names = append(names, in.indexOf(e, x))
	}
	return names
}

// arguments returns a value for each parameter.
func (in *interp) arguments(e *env, c *ast.CallExpr, args []ast.Expr, f *ast.FuncType) (all []value) {
	n, variadic := 0, false
	for _, field := range f.Params.List {
		n += max(1, len(field.Names))
		_, variadic = field.Type.(*ast.Ellipsis)
	}
	if len(args) == 1 && n > 1 {
		return in.evalTuple(e, args[0], n)
	}
	var rest value
	for i, x := range args {
		v := in.eval(e, x)
		if variadic && i >= n-1 && !c.Ellipsis.IsValid() {
			o, _ := in.verdict(e, v, map[string]bool{})
			rest = rest.add(v, isState(o))
			continue
		}
		all = append(all, v)
	}
	if rest != nil {
		all = append(all, in.allocate(e, c.Rparen, rest))
	}
	return all
}

// bind gives parameters their values.
func (in *interp) bind(e *env, f *ast.FuncType, values []value, names []string) {
	i := 0
	for _, field := range f.Params.List {
		for _, id := range field.Names {
			var v value
			if i < len(values) {
				v = values[i]
			}
			in.assign(e, id, v, nil)
			if obj := in.object(id); obj != nil && i < len(names) && names[i] != "?" && id.Name != "_" {
				e.names[in.siteOf(obj)] = names[i]
			}
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
}

// enter goes through the body of a function that is called, and returns its results.
func (in *interp) enter(e *env, pos token.Pos, typ *ast.FuncType, body *ast.BlockStmt, outer *frame, bind func()) (all []value) {
	fr := &frame{ctx: in.context(pos), outer: outer, typ: typ, body: body}
	caller, defers := in.fr, e.defers
	in.fr, e.defers = fr, nil
	in.frames = append(in.frames, fr)
	in.begin(fr)
	for _, at := range fr.results {
		e.mem[at] = nil
	}
	bind()
	in.block(e, body.List)
	if !e.dead {
		in.leave(e)
	}
	in.frames = in.frames[:len(in.frames)-1]
	in.fr = caller
	e.dead = true
	e.join(fr.exit)
	e.defers = defers
	in.keep(e, fr.results)
	for _, at := range fr.results {
		all = append(all, e.mem[at])
	}
	return all
}
