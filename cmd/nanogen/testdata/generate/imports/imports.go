// Package imports has types of packages with the same name, and imports them in all
// ways.
package imports

import (
	. "encoding/json"
	stdtemplate "html/template"
	"net/url"
	"text/template"

	"example.com/imports/a/model"
	other "example.com/imports/b/model"
	yaml "example.com/imports/go-yaml"
)

//go:generate go tool nanogen -type Imports -new Open -out proxy.go

// Imports has nothing.
type Imports struct{}

// Open makes one.
func Open(a model.A) *Imports { return &Imports{} }

// Models takes both.
func (*Imports) Models(a model.A, b *other.B) (other.B, error) { return *b, nil }

// Dotted takes what comes through a dot import.
func (*Imports) Dotted(m RawMessage) (Number, error) { return "", nil }

// Templates takes those of two packages of the standard library.
func (*Imports) Templates(h stdtemplate.HTML, t template.FuncMap) {}

// Parse has parameters with the names of packages.
func (*Imports) Parse(url string, model int) (*url.URL, error) { return nil, nil }

// YAML takes a type of a package that is not called as its directory is.
func (*Imports) YAML(n yaml.Node) {}
