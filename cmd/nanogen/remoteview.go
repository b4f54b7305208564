package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/types"
	"strings"
	"text/template"
)

// What the template of a remote file writes. Everything is code already.
type (
	remoteFile struct {
		header
		Services []*remoteView
	}

	remoteView struct {
		Calling, Serving    bool   // the file has the client, the binding
		Name, State         string // the struct, as a name and with its package
		Type                string // with the package's name, for people
		Actor, Remote       string // the packages
		Client, New, Get    string
		Field, Receiver     string // of the client
		Proxy, Calls        string // what the client implements
		Declares            bool   // the file declares that
		Known               string // what NewClient is given
		Bind, Binder, Table string
		Errors              []string
		Methods             []*remoteMethodView
		Nothing             string // the type of no arguments, and of no results; "" if all have some
	}

	remoteMethodView struct {
		*methodView
		Text                    string // the signature that is compared
		Entry                   string // Call or Cast
		Serve                   string // the binding's method
		Tag                     string
		Args, Answer            string   // the types of what is sent; Answer is "" of an event
		ArgFields, AnswerFields []string // without any, the type is that of nothing
	}
)

//go:embed remote.go.tmpl
var remoteText string

var remoteTemplate = template.Must(template.New("remote.go.tmpl").
	Funcs(template.FuncMap{"comment": wrapped}).Parse(remoteText))

func (f *remoteFile) text() ([]byte, error) {
	var b bytes.Buffer
	if err := remoteTemplate.Execute(&b, f); err != nil {
		return nil, err
	}
	return formatted(b.Bytes())
}

func (e *emitter) remotePackage() string { return e.of(remotePath, "remote") }

// remoteService writes what of a service is for other processes.
func (e *emitter) remoteService(s *service, part part) *remoteView {
	r := s.remote
	v := &remoteView{
		Calling: part&clientPart != 0, Serving: part&bindingPart != 0,
		Name: s.name, Type: e.src.pkg.Name() + "." + s.name,
		Remote: e.remotePackage(),
		Client: s.clientName(), New: s.newClientName(), Get: r.get, Field: "client",
		Proxy: s.proxy(), Calls: s.remoteCalls(),
		Bind: bindName(s.name), Binder: r.binder, Table: r.table, Known: r.table,
		Actor: "actor", // in a comment
	}
	v.Declares = !v.Serving || v.Calls != s.calls()
	if v.Serving {
		v.Actor, v.State = e.actor(), e.typ(s.state)
		v.Known += ".Signatures()"
	}
	v.Receiver = e.scope(v.Client, v.Remote).fresh("c")
	for _, k := range r.errors {
		if v.Serving || k.obj.Pkg() != e.src.pkg {
			v.Errors = append(v.Errors, e.known(k)...)
		}
	}
	for _, m := range r.methods {
		w := e.remoteMethod(s, m, v)
		v.Methods = append(v.Methods, w)
		if w.Args == r.nothing || w.Answer == r.nothing {
			v.Nothing = r.nothing
		}
	}
	return v
}

// known returns the entries of an error in the table.
func (e *emitter) known(k known) []string {
	ref := k.obj.Name()
	if q := e.qualifier(k.obj.Pkg()); q != "" {
		ref = q + "." + ref
	}
	if !k.isType() {
		return []string{fmt.Sprintf("%s.Sentinel(%q, %s)", e.remotePackage(), k.name(), ref)}
	}
	pointer := fmt.Sprintf("%s.ErrorType[*%s]", e.remotePackage(), ref)
	if k.pointer {
		return []string{fmt.Sprintf("%s(%q)", pointer, k.name())}
	}
	return []string{
		fmt.Sprintf("%s.ErrorType[%s](%q)", e.remotePackage(), ref, k.name()),
		fmt.Sprintf("%s(%q)", pointer, "*"+k.name()),
	}
}

func (e *emitter) remoteMethod(s *service, m *method, v *remoteView) *remoteMethodView {
	w := &remoteMethodView{
		Text: m.signature(), Args: m.args, Tag: `cbor:",toarray"`, Entry: v.Remote + ".Call",
		ArgFields: e.positions(m.params),
	}
	if m.lossy {
		w.Tag += ` nano:"lossy"`
	}
	if m.kind == tell {
		w.Entry = v.Remote + ".Cast"
	} else {
		w.Answer, w.AnswerFields = m.answer, e.positions(m.results)
	}
	w.methodView = e.clientMethod(s, m, v, w)
	if v.Serving {
		w.Serve = e.served(s, m, v, w)
	}
	return w
}

// position returns the name of the field in which a parameter or result travels. On the wire
// it has none.
func position(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return fmt.Sprintf("A%d", i)
}

func (e *emitter) positions(list []*types.Var) (fields []string) {
	for i, v := range list {
		fields = append(fields, position(i)+" "+e.typ(v.Type()))
	}
	return fields
}

// clientMethod writes a method of the client: its signature is that of the proxy's.
func (e *emitter) clientMethod(s *service, m *method, v *remoteView, w *remoteMethodView) *methodView {
	b := &body{e: e, s: s, m: m, named: named(m)}
	b.scope = e.scope(v.Remote, e.context(), w.Args, w.Answer)
	for _, r := range m.answers() {
		b.mention(e.typ(r.Type()))
	}
	b.variables("c")
	x := &methodView{Name: m.name, Doc: comment(s, m), Receiver: b.svc, Params: b.signature(), Results: b.resultList()}

	var given, back []string
	for i, p := range b.params {
		given = append(given, position(i)+": "+p.name)
	}
	args := fmt.Sprintf("%s{%s}", w.Args, strings.Join(given, ", "))
	if m.kind == tell {
		ctx := b.ctx
		if m.ctx == nil {
			ctx = e.of("context", "context") + ".Background()"
		}
		x.Body = fmt.Sprintf("return %s.Tell(%s, %s.%s, %q, %s)", v.Remote, ctx, b.svc, v.Field, m.name, args)
		return x
	}
	out, failed := "_", b.fresh("failed")
	if len(b.results) > 0 {
		out = b.fresh("out")
	}
	for i := range b.results {
		back = append(back, out+"."+position(i))
	}
	x.Body = fmt.Sprintf("%s, %s := %s.Invoke[%s, %s](%s, %s.%s, %q, %s)\nreturn %s", out, failed, v.Remote,
		w.Args, w.Answer, b.ctx, b.svc, v.Field, m.name, args, strings.Join(append(back, failed), ", "))
	return x
}

// served writes the binding's method, which hands a closure over.
func (e *emitter) served(s *service, m *method, v *remoteView, w *remoteMethodView) string {
	c := e.scope(v.State, v.Actor, v.Binder, w.Args, w.Answer, e.context())
	ctx, svc, in, out, err := c.fresh("ctx"), c.fresh("svc"), c.fresh("in"), c.fresh("out"), c.fresh("err")
	value := c.fresh(lower(string([]rune(s.name)[:1])))

	var args, back []string
	if m.ctx != nil {
		args = append(args, ctx)
	}
	for i := range m.params {
		args = append(args, in+"."+position(i))
	}
	list := strings.Join(args, ", ")
	if m.variadic {
		list += "..."
	}
	call := fmt.Sprintf("%s.%s(%s)", value, m.name, list)
	head := fmt.Sprintf("func (%s) %s(%s %s, %s %s.Ref[%s], %s %s)", v.Binder, m.name, ctx, e.context(), svc, v.Actor, v.State, in, w.Args)
	if m.kind == tell {
		return fmt.Sprintf("%s error {\nreturn %s.ProxyOf(%s).DoContext(%s, func(%s %s, %s *%s) {\n%s\n})\n}",
			head, v.Actor, svc, ctx, ctx, e.context(), value, v.State, call)
	}
	for i := range m.results {
		back = append(back, out+"."+position(i))
	}
	end := out + ", nil"
	if m.err != nil {
		back, end = append(back, err), out+", "+err
	}
	if len(back) > 0 {
		call = strings.Join(back, ", ") + " = " + call
	}
	async, given := "AsyncContext", ctx+" "+e.context()+", "
	if m.batched {
		async, given = "AsyncBatched", "" // its closure has no context
	}
	closure := fmt.Sprintf("func(%s%s *%s) (%s %s, %s error) {\n%s\nreturn %s\n}", given, value, v.State, out, w.Answer, err, call, end)
	return fmt.Sprintf("%s *%s.Future[%s] {\nreturn %s.%s(%s, %s, %s)\n}", head, v.Actor, w.Answer, v.Actor, async, ctx, svc, closure)
}
