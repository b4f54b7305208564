package main

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// A body is what is needed to write a method of the proxy.
type body struct {
	e *emitter
	s *service
	m *method

	handle
	scope
	state   string // the struct's type
	params  variables
	results variables // without the error
	named   bool      // the results have names
	all     string    // the struct for several results

	svc      string // the receiver
	ctx, err string // the context, and if the results have names the error
	value    string // the struct, in the closure
}

// A handle is what a method of a proxy calls: the service, or a pool of them.
type handle struct{ receiver, field string }

// method returns a method of a proxy.
func (e *emitter) method(s *service, m *method, h handle) *methodView {
	b := &body{e: e, s: s, m: m, handle: h, state: e.typ(s.state), named: named(m)}
	b.scope = e.scope(b.state, e.actor(), e.context())
	if m.kind != tell {
		for _, v := range m.results {
			b.mention(e.typ(v.Type()))
		}
	}
	w := &methodView{Name: m.name, Doc: comment(s, m)}
	if m.kind == future && len(m.results) > 1 {
		w.ResultsName = resultsName(s, m)
		b.mention(w.ResultsName)
		b.all = w.ResultsName + typeArgs(s)
	}
	b.variables(h.receiver)
	b.value = b.fresh(lower(string([]rune(s.name)[:1])))

	w.Receiver, w.Params, w.Results = b.svc, b.signature(), b.resultList()
	switch m.kind {
	case tell:
		w.Body = b.tell()
	case call:
		w.Body = b.call()
	case future:
		w.Body = b.future(w)
	}
	return w
}

// variables chooses the names of a method's receiver, parameters and results.
func (b *body) variables(receiver string) {
	ctx := nameOf(b.m.ctx, "ctx")
	if b.m.ctx != nil {
		b.ctx = b.fresh(ctx) // before a parameter, if both are called so
	}
	b.params = b.choose(b.e, b.m.params, "p")
	if b.m.ctx == nil {
		b.ctx = b.fresh(ctx)
	}
	b.results = b.choose(b.e, b.m.answers(), "r")
	b.err = b.fresh(nameOf(b.m.err, "err"))
	b.svc = b.fresh(receiver)
}

func typeArgs(s *service) string {
	var args []string
	for _, p := range s.tparams {
		args = append(args, p.Obj().Name())
	}
	if args == nil {
		return ""
	}
	return "[" + strings.Join(args, ", ") + "]"
}

func (b *body) signature() string {
	ctx := ""
	if b.m.kind == call || b.m.ctx != nil {
		ctx = b.ctx + " " + b.e.context()
	}
	return join(ctx, b.params.declared(b.e, b.m.variadic))
}

// resultList returns the results as they stand in a signature.
func (b *body) resultList() string {
	switch b.m.kind {
	case tell:
		return "error"
	case future:
		return "*" + b.e.actor() + ".Future[" + b.answer() + "]"
	}
	if b.named {
		return "(" + join(b.results.declared(b.e, false), b.err+" error") + ")"
	}
	if len(b.results) == 0 {
		return "error"
	}
	return "(" + join(strings.Join(b.results.types(b.e), ", "), "error") + ")"
}

// answer returns the type of what a future or a call is answered with.
func (b *body) answer() string {
	switch {
	case len(b.results) == 0:
		return "struct{}"
	case len(b.results) == 1:
		return b.e.typ(b.results[0].typ)
	}
	return b.all
}

func (b *body) service() string {
	return fmt.Sprintf("%s.ProxyOf(%s.%s)", b.e.actor(), b.svc, b.field)
}

// invoke returns the call of the struct's method. ctx is the closure's.
func (b *body) invoke() string {
	ctx := ""
	if b.m.ctx != nil {
		ctx = b.ctx
	}
	return fmt.Sprintf("%s.%s(%s)", b.value, b.m.name, join(ctx, b.params.names(b.m.variadic)))
}

// closure returns a closure with the struct, and a context if the method has one.
// The context has the name of the caller's, so that this one is out of reach.
func (b *body) closure(results string, lines ...string) string {
	ctx := ""
	if b.m.ctx != nil {
		ctx = b.ctx + " " + b.e.context()
	}
	return fmt.Sprintf("func(%s) %s {\n%s\n}", join(ctx, b.value+" *"+b.state), results, strings.Join(lines, "\n"))
}

// expression returns the method as a function of the struct, if it has no
// parameters: that is no closure, and allocates nothing.
func (b *body) expression() (string, bool) {
	if b.m.ctx != nil || len(b.params) > 0 {
		return "", false
	}
	return fmt.Sprintf("(*%s).%s", b.state, b.m.name), true
}

func (b *body) tell() string {
	if b.m.ctx != nil {
		return fmt.Sprintf("return %s.DoContext(%s, %s)", b.service(), b.ctx, b.closure("", b.invoke()))
	}
	f, ok := b.expression()
	if !ok || len(b.m.results) > 0 || b.m.err != nil {
		f = b.closure("", b.invoke())
	}
	return fmt.Sprintf("return %s.Do(%s)", b.service(), f)
}

// call writes a call: Run without a result, Get with one and no error, Call with
// both; and with Context if the method has one.
func (b *body) call() string {
	if b.m.batched {
		return b.batched()
	}
	f, direct := b.expression()
	suffix := ""
	if b.m.ctx != nil {
		suffix = "Context"
	}
	hasErr := b.m.err != nil
	switch len(b.results) {
	case 0:
		if !hasErr {
			f = b.closure("error", b.invoke(), "return nil")
		} else if !direct {
			f = b.closure("error", "return "+b.invoke())
		}
		return fmt.Sprintf("return %s.Run%s(%s, %s)", b.service(), suffix, b.ctx, f)
	case 1:
		free, r := "Call"+suffix, b.answer()
		switch {
		case !hasErr && b.m.ctx == nil:
			free = "Get"
			if !direct {
				f = b.closure(r, "return "+b.invoke())
			}
		case !hasErr:
			f = b.closure("("+r+", error)", "return "+b.invoke()+", nil")
		case !direct:
			f = b.closure("("+r+", error)", "return "+b.invoke())
		}
		return fmt.Sprintf("return %s.%s(%s, %s, %s)", b.e.actor(), free, b.ctx, b.service(), f)
	}
	return b.several(suffix)
}

// several writes a call with several results, which travel in a struct.
func (b *body) several(suffix string) string {
	b.all = b.fresh("results")
	all, err := b.fresh("all"), b.fresh("failed")
	var fields, back []string
	for _, v := range b.results {
		fields = append(fields, v.name+" "+b.e.typ(v.typ))
		back = append(back, all+"."+v.name)
	}
	f := b.closure("("+b.all+", error)", b.pack(b.all)...)
	return strings.Join([]string{
		fmt.Sprintf("type %s struct {\n%s\n}", b.all, strings.Join(fields, "\n")),
		fmt.Sprintf("%s, %s := %s.Call%s(%s, %s, %s)", all, err, b.e.actor(), suffix, b.ctx, b.service(), f),
		fmt.Sprintf("return %s, %s", strings.Join(back, ", "), err),
	}, "\n")
}

// pack writes the lines that call the method and put its results into a struct.
func (b *body) pack(typ string) []string {
	var names []string
	for _, v := range b.results {
		names = append(names, v.name)
	}
	list := strings.Join(names, ", ")
	if b.m.err == nil {
		return []string{list + " := " + b.invoke(), fmt.Sprintf("return %s{%s}, nil", typ, list)}
	}
	return []string{
		fmt.Sprintf("%s, %s := %s", list, b.err, b.invoke()),
		fmt.Sprintf("return %s{%s}, %s", typ, list, b.err),
	}
}

// batched writes a call that is answered after the commit.
func (b *body) batched() string {
	if len(b.results) > 1 {
		return b.several("Batched")
	}
	call := fmt.Sprintf("%s.CallBatched(%s, %s, %s)", b.e.actor(), b.ctx, b.service(), b.answering())
	if len(b.results) == 0 {
		err := b.fresh("failed")
		return fmt.Sprintf("_, %s := %s\nreturn %[1]s", err, call)
	}
	return "return " + call
}

func (b *body) future(w *methodView) string {
	if len(b.results) > 1 {
		w.Fields = b.fields()
	}
	return fmt.Sprintf("return %s.Async(%s, %s)", b.e.actor(), b.service(), b.answering())
}

// answering returns a closure, or the method itself, that returns an answer and an
// error, whatever the method has of both.
func (b *body) answering() string {
	f, direct := b.expression()
	results := "(" + b.answer() + ", error)"
	switch n := len(b.results); {
	case n > 1:
		f = b.closure(results, b.pack(b.all)...)
	case n == 0 && b.m.err != nil:
		f = b.closure(results, "return struct{}{}, "+b.invoke())
	case n == 0:
		f = b.closure(results, b.invoke(), "return struct{}{}, nil")
	case b.m.err == nil:
		f = b.closure(results, "return "+b.invoke()+", nil")
	case !direct:
		f = b.closure(results, "return "+b.invoke())
	}
	return f
}

// fields returns the results as fields that every package can use.
func (b *body) fields() (all []string) {
	taken := set{}
	for i, v := range b.results {
		name := title(v.name)
		if !token.IsExported(name) {
			name = "R" + strconv.Itoa(i+1)
		}
		all = append(all, taken.fresh(name)+" "+b.e.typ(v.typ))
	}
	return all
}

// comment returns the doc comment of a method, without directives.
func comment(s *service, m *method) string {
	text := strings.TrimSpace(m.doc.Text())
	if text == "" {
		text = fmt.Sprintf("%s calls %s.%[1]s.", m.name, s.name)
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		switch line = strings.TrimRight(line, " \t\n"); {
		case line == "":
			b.WriteString("//\n")
		case line[0] == '\t':
			b.WriteString("//" + line + "\n")
		default:
			b.WriteString("// " + line + "\n")
		}
	}
	return b.String()
}

// named reports whether results have names in the source.
func named(m *method) bool {
	all := slices.Clone(m.results)
	if m.err != nil {
		all = append(all, m.err)
	}
	return slices.ContainsFunc(all, func(v *types.Var) bool { return v.Name() != "" })
}

// nameOf returns the name of a context or an error, or else the usual one.
func nameOf(v *types.Var, usual string) string {
	if v == nil || v.Name() == "_" {
		return usual
	}
	return cmp.Or(v.Name(), usual)
}
