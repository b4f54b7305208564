package uses

import (
	"go/ast"
	"go/types"
	"slices"
)

// A callee is what a call calls.
type callee struct {
	builtin string        // its name, if it is one
	name    string        // as it stands there
	fn      *types.Func   // nil for a value, or if it is not known
	decl    *ast.FuncDecl // nil if it is not read
	stands  bool          // decl is of the type that the proxy stands for, whose method is called
	path    string        // of its package
	custom  custom
	recv    ast.Expr // nil if there is none

	receiver bool // the first operand is the receiver
	operands []operand
}

// An operand is something that is given to a function.
type operand struct {
	expr    ast.Expr
	address bool       // its address is taken: it is the receiver of a method of the pointer
	several bool       // it becomes an element of a variadic parameter
	param   *types.Var // nil if the function is not read, or does not name it
}

// recvType returns the type of a method's receiver, nil if it is not known.
func (c *callee) recvType() types.Type {
	if c.fn == nil || c.fn.Signature().Recv() == nil {
		return nil
	}
	return c.fn.Signature().Recv().Type()
}

// callee returns what is called.
func (a *analysis) callee(e *ast.CallExpr) (c callee) {
	fun := ast.Unparen(e.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr: // f[T], if it is no element
		if a.p.info.Types[x.Index].IsType() {
			fun = x.X
		}
	case *ast.IndexListExpr:
		fun = x.X
	}
	args := e.Args
	switch fun := fun.(type) {
	case *ast.Ident:
		c.name = fun.Name
		switch obj := a.p.info.Uses[fun].(type) {
		case *types.Builtin:
			c.builtin = obj.Name()
		case *types.Func:
			c.fn = obj
		}
	case *ast.SelectorExpr:
		c.name = fun.Sel.Name
		switch obj := a.p.info.Uses[fun.Sel].(type) {
		case *types.Builtin: // of package unsafe
			c.builtin = obj.Name()
		case *types.Func:
			c.fn = obj
		}
		sel := a.p.info.Selections[fun]
		switch {
		case sel != nil && sel.Kind() == types.MethodVal:
			c.recv = fun.X
		case sel != nil && sel.Kind() == types.MethodExpr && len(args) > 0:
			c.recv, args = args[0], args[1:]
		case sel == nil && c.fn == nil:
			c.recv = fun.X
			a.p.stand(&c, a.typeOf(fun.X))
		}
	}
	if c.fn != nil {
		c.decl = a.p.declOf(c.fn)
		if c.fn.Pkg() != nil {
			c.path = c.fn.Pkg().Path()
		}
		c.custom = customOf(c.path, c.name)
	}
	a.p.match(&c, e, args)
	return c
}

// stand finds out what the method of a proxy calls. A proxy has those of its service,
// too.
func (p *Package) stand(c *callee, proxy types.Type) {
	if p.standsFor == nil || proxy == nil {
		return
	}
	t := p.standsFor(proxy)
	if t == nil {
		return
	}
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, p.pkg, c.name)
	if fn, ok := obj.(*types.Func); ok {
		c.fn, c.stands = fn, true
	} else {
		c.custom = customOf(actorPath, c.name)
	}
}

// match finds the parameter of each operand.
func (p *Package) match(c *callee, e *ast.CallExpr, args []ast.Expr) {
	var params []*types.Var
	variadic := false
	if c.decl != nil {
		params = p.params(c.decl)
		variadic = c.fn.Signature().Variadic()
	}
	if c.stands && len(args) == len(params)+1 {
		args = args[1:] // the proxy's context
	}
	if c.recv != nil && !c.stands {
		o := operand{expr: c.recv, address: isPointer(c.recvType()) && !isPointer(p.info.TypeOf(c.recv))}
		if c.decl != nil {
			o.param = p.receiver(c.decl)
		}
		c.receiver, c.operands = true, append(c.operands, o)
	}
	if len(args) == 1 {
		if results, ok := p.info.TypeOf(args[0]).(*types.Tuple); ok { // f(g())
			args = slices.Repeat(args, results.Len())
		}
	}
	for i, arg := range args {
		o := operand{expr: arg}
		if variadic && i >= len(params)-1 {
			i = len(params) - 1
			o.several = !e.Ellipsis.IsValid()
		}
		if i < len(params) {
			o.param = params[i]
		}
		c.operands = append(c.operands, o)
	}
}

// operand returns the value of an operand.
func (a *analysis) operand(o operand) value {
	switch {
	case o.address:
		return a.address(o.expr)
	case o.several:
		return a.value(o.expr).held()
	}
	return a.value(o.expr)
}

// call notes what a call does.
func (a *analysis) call(e *ast.CallExpr) {
	if a.p.info.Types[e.Fun].IsType() { // a conversion
		return
	}
	c := a.callee(e)
	if c.builtin != "" {
		a.builtin(e, c.builtin)
		return
	}
	if c.name == "Wait" {
		a.blocks(e, "calls "+types.ExprString(e.Fun), "")
	}
	switch {
	case c.decl != nil:
		a.follow(e, c)
	case c.custom == takes:
		if c.receiver && a.operand(c.operands[0]).level != none {
			a.use(Writes, e, "calls "+a.text(e.Fun)+", which is not read", "")
		}
	case c.fn == nil && c.recv == nil:
		v := a.value(e.Fun)
		if v.level == is {
			a.use(Calls, e, "calls "+a.text(e.Fun), "")
		}
		a.literals(v, e.Args)
		if len(v.lits) == 0 && (v.level == none || v.level == is) {
			a.pass(e, c)
		}
	case c.receiver && isInterface(c.recvType()):
		if a.value(c.recv).level != none {
			a.use(Asks, e, "calls "+a.text(e.Fun), "")
		}
		a.pass(e, c)
	default:
		a.pass(e, c)
	}
}

// literals runs the functions that v may be, with the arguments.
func (a *analysis) literals(v value, args []ast.Expr) {
	for _, lit := range v.lits {
		a.run(lit)
		params := names(lit.Type.Params)
		for i, arg := range args {
			if len(params) > 0 { // several arguments may be for a variadic parameter
				id := params[min(i, len(params)-1)]
				a.put(a.object(id), a.value(arg))
			}
		}
	}
}

// called runs the functions that v may be, for a function that gets something of the
// parameter, too, and may give that to them.
func (a *analysis) called(v value, with level) {
	for _, lit := range v.lits {
		a.run(lit)
		for _, id := range names(lit.Type.Params) {
			if obj := a.object(id); obj != nil && with != none {
				a.put(obj, a.typed(obj.Type(), value{level: is}))
			}
		}
	}
}

// names returns the names of parameters, in order.
func names(list *ast.FieldList) (all []*ast.Ident) {
	for _, field := range list.List {
		all = append(all, field.Names...)
	}
	return all
}

// follow notes what a function of the package does with what it is given.
func (a *analysis) follow(e *ast.CallExpr, c callee) {
	fun := types.ExprString(e.Fun)
	var given level
	for _, o := range c.operands {
		given = max(given, a.operand(o).level)
	}
	for _, o := range c.operands {
		v := a.operand(o)
		if o.param == nil || v.level == none && len(v.lits) == 0 {
			continue
		}
		looked := v.level
		if looked == none {
			looked = is // a literal
		}
		s := a.p.summary(key{c.decl, o.param, looked})
		if s.use.Reason != HandOver {
			a.called(v, given)
			if v.level != none {
				cause := s.use.why()
				a.use(s.use.Reason, e, "passes "+a.text(o.expr)+" to "+fun+", which "+cause, cause)
			}
		}
		for _, to := range c.operands {
			if l := s.into[to.param]; l != none {
				a.filled(to, value{level: min(l, v.level), lits: v.lits})
			}
		}
	}
	if a.subject == nil && !c.stands {
		if s := a.p.summary(key{decl: c.decl}); s.use.Reason != HandOver {
			cause := s.use.why()
			a.blocks(e, "calls "+fun+", which "+cause, cause)
		}
	}
}

// filled notes that what is given to a function has v in it afterwards.
func (a *analysis) filled(o operand, v value) {
	if o.address {
		v = v.element()
	}
	a.fill(o.expr, v)
}

// why returns what is done in the end.
func (u Use) why() string {
	if u.cause != "" {
		return u.cause
	}
	return u.Text
}

// pass notes what is given to a function that is not read.
func (a *analysis) pass(e *ast.CallExpr, c callee) {
	var given level
	for _, o := range c.operands {
		given = max(given, a.operand(o).level)
	}
	for i, o := range c.operands {
		v := a.operand(o)
		a.called(v, given)
		receiver := c.receiver && i == 0
		r := reasonFor(a.typeOf(o.expr))
		reading := !receiver && (c.custom == reads || c.custom == readsRest && i > 0)
		filling := !receiver && c.custom == readsRest && i == 0 && v.level != is && isContainer(a.typeOf(o.expr))
		switch {
		case v.level == none, filling:
		case reading && (r == Writes || v.level != is):
			if c.custom == readsRest {
				a.filled(c.operands[0], a.elements(o.expr).held())
			}
		case receiver:
			a.use(r, e, "calls "+a.text(e.Fun)+", which is not read", "")
		default:
			a.use(r, e, "passes "+a.text(o.expr)+" to "+types.ExprString(e.Fun)+", which is not read", "")
		}
	}
}

// builtin notes what a builtin function does.
func (a *analysis) builtin(e *ast.CallExpr, name string) {
	if len(e.Args) == 0 {
		return
	}
	v := a.value(e.Args[0])
	does := map[string]string{"append": "appends to ", "clear": "clears ", "copy": "copies into ", "delete": "deletes from "}[name]
	if does != "" && v.level == is && !(name == "append" && a.noRoom(e.Args[0])) {
		a.use(Writes, e, does+a.text(e.Args[0]), "")
	}
	if name == "copy" && len(e.Args) == 2 {
		a.fill(e.Args[0], a.elements(e.Args[1]).held())
	}
}
