package main

import (
	"go/types"
	"slices"
	"strings"
)

// A shape is the signature that go vet wants of a method. Where a parameter begins with
// "=", it says nothing if that is of another type.
type shape struct{ params, results []string }

// standard are the names that go vet knows, as its analyzer stdmethods has them.
var standard = map[string]shape{
	"Format":        {[]string{"=fmt.State", "int32"}, nil},
	"GobDecode":     {[]string{"[]uint8"}, []string{"error"}},
	"GobEncode":     {nil, []string{"[]uint8", "error"}},
	"MarshalJSON":   {nil, []string{"[]uint8", "error"}},
	"MarshalXML":    {[]string{"*xml.Encoder", "xml.StartElement"}, []string{"error"}},
	"ReadByte":      {nil, []string{"uint8", "error"}},
	"ReadFrom":      {[]string{"=io.Reader"}, []string{"int64", "error"}},
	"ReadRune":      {nil, []string{"int32", "int", "error"}},
	"Scan":          {[]string{"=fmt.ScanState", "int32"}, []string{"error"}},
	"Seek":          {[]string{"=int64", "int"}, []string{"int64", "error"}},
	"UnmarshalJSON": {[]string{"[]uint8"}, []string{"error"}},
	"UnmarshalXML":  {[]string{"*xml.Decoder", "xml.StartElement"}, []string{"error"}},
	"UnreadByte":    {nil, []string{"error"}},
	"UnreadRune":    {nil, []string{"error"}},
	"WriteByte":     {[]string{"uint8"}, []string{"error"}},
	"WriteTo":       {[]string{"=io.Writer"}, []string{"int64", "error"}},
}

// checkStandard warns of a method whose name go vet knows, if the proxy's has another
// signature than it wants.
func (m *modeler) checkStandard(x *method, subject string) {
	want, ok := standard[x.name]
	if !ok {
		return
	}
	params, results := x.written()
	for i, p := range want.params {
		if p, only := strings.CutPrefix(p, "="); only && (i >= len(params) || params[i] != p) {
			return
		}
	}
	var wanted []string
	for _, p := range want.params {
		wanted = append(wanted, strings.TrimPrefix(p, "="))
	}
	if !slices.Equal(params, wanted) || !slices.Equal(results, want.results) {
		m.found.warn(x.pos, subject, "go vet wants %s(%s) (%s), and refuses the service's method; leave it out with //nano:skip, or give it another name",
			x.name, strings.Join(wanted, ", "), strings.Join(want.results, ", "))
	}
}

// written returns the types of the proxy's method.
func (m *method) written() (params, results []string) {
	typ := func(v *types.Var) string {
		s := types.TypeString(v.Type(), (*types.Package).Name)
		return strings.NewReplacer("byte", "uint8", "rune", "int32").Replace(s)
	}
	if m.kind == call || m.ctx != nil {
		params = append(params, "context.Context")
	}
	for _, v := range m.params {
		params = append(params, typ(v))
	}
	switch m.kind {
	case future:
		return params, []string{"*actor.Future"}
	case call:
		for _, v := range m.results {
			results = append(results, typ(v))
		}
	}
	return params, append(results, "error")
}

// mutex says that a service needs no mutex.
func (m *modeler) mutex(s *service) {
	for field := range s.state.Underlying().(*types.Struct).Fields() {
		t := types.Unalias(field.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		named, ok := t.(*types.Named)
		if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "sync" {
			continue
		}
		if name := named.Obj().Name(); name == "Mutex" || name == "RWMutex" {
			m.found.say(m.fset.Position(field.Pos()), s.name, "%s is not needed any more, if it guards the struct: only the service's goroutine uses that", field.Name())
		}
	}
}
