package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"strings"
	"text/template"
)

// What the template writes. Everything is code already.
type (
	fileView struct {
		header
		Services []*serviceView
	}

	// What each file begins with.
	header struct {
		Command, Constraint, Package string
		Std, Others                  []importLine
	}

	serviceView struct {
		Package                      string
		Name, State, Actor           string // the struct, with its package and type parameters; package actor
		Proxy, Calls, New, Of, Alias string
		Accessor, Build              string
		Svc                          string // a variable with the service or its proxy
		TypeParams, TypeArgs         string // in brackets, "" if there are none
		NewParams, NewBody           string
		Embedded                     bool // the proxy embeds its service
		Batched                      bool // a method waits for the commit of its batch
		Methods                      []*methodView
		Kept                         []*methodView // those with the struct's own signature
		KeepsAll                     bool
		Pool                         *poolView // nil if there is none
	}

	methodView struct {
		Doc, Name, Receiver, Params, Results, Body string

		// A struct with the results of a future that has several.
		ResultsName string
		Fields      []string
	}
)

// Signature returns the method as it stands in an interface.
func (m *methodView) Signature() string { return fmt.Sprintf("%s(%s) %s", m.Name, m.Params, m.Results) }

//go:embed service.go.tmpl
var serviceTemplate string

//go:embed pool.go.tmpl
var poolTemplate string

var fileTemplate = template.Must(template.New("service.go.tmpl").
	Funcs(template.FuncMap{"comment": wrapped}).Parse(serviceTemplate + poolTemplate))

// wrapped returns a comment in lines of some 80 columns.
func wrapped(format string, args ...any) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.Fields(fmt.Sprintf(format, args...)) {
		switch {
		case i == 0:
			b.WriteString("//")
		case width+1+len(word) > 80:
			b.WriteString("\n//")
			width = 0
		}
		b.WriteString(" " + word)
		width += 1 + len(word)
	}
	return b.String() + "\n"
}

func formatted(code []byte) ([]byte, error) {
	text, err := format.Source(code)
	if err != nil {
		return nil, fmt.Errorf("what was generated does not parse, which is a fault of nanogen: %w\n%s", err, code)
	}
	return text, nil
}

// text returns the file, formatted.
func (f *fileView) text() ([]byte, error) {
	var b bytes.Buffer
	if err := fileTemplate.Execute(&b, f); err != nil {
		return nil, err
	}
	return formatted(b.Bytes())
}
