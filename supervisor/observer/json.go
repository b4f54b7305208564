package observer

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/bruskajp/nano_services/supervisor"
)

// stream writes a report as json.Marshal would, a node at a time, so that the beginning of a
// large tree is sent at once. It writes one line: to indent it takes the square of the depth of
// the tree. Crashes are made as they are written.
func (r *Report) stream(to io.Writer) error {
	e := encoder{to: to}
	tree := r.Tree
	r.Tree, r.Crashes = supervisor.Node{}, nil
	head, tail, err := around(r, `"Tree":`, `,"Cycles":`)
	if err != nil {
		return err
	}
	e.write(head)
	e.node(&tree)
	e.write(bytes.TrimSuffix(tail, []byte("null}"))) // Crashes is the last
	e.crashes(&tree)
	if e.some {
		e.write([]byte("]"))
	} else {
		e.write([]byte("null"))
	}
	e.write([]byte("}\n"))
	return e.err
}

// around returns the JSON of v up to a field and its name, and from the next field on.
func around(v any, field, next string) (head, tail []byte, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, nil, err
	}
	i := bytes.Index(text, []byte(field)) + len(field)
	return text[:i], text[bytes.LastIndex(text, []byte(next)):], nil
}

type encoder struct {
	to   io.Writer
	some bool // crashes have been written
	err  error
}

func (e *encoder) write(text []byte) {
	if e.err == nil {
		_, e.err = e.to.Write(text)
	}
}

func (e *encoder) marshal(v any) []byte {
	text, err := json.Marshal(v)
	if e.err == nil {
		e.err = err
	}
	return text
}

// node writes a node and what is below it: Children is its last field.
func (e *encoder) node(n *supervisor.Node) {
	alone := *n
	alone.Children = nil
	text := e.marshal(&alone)
	if n.Children == nil {
		e.write(text)
		return
	}
	e.write(bytes.TrimSuffix(text, []byte("null}")))
	for i := range n.Children {
		e.write([]byte{"[,"[min(i, 1)]})
		e.node(&n.Children[i])
		if e.err != nil {
			return
		}
	}
	if len(n.Children) == 0 {
		e.write([]byte("["))
	}
	e.write([]byte("]}"))
}

// crashes writes the last crash of each child of a tree.
func (e *encoder) crashes(n *supervisor.Node) {
	for _, c := range crashOf(n) {
		if !e.some {
			e.write([]byte("["))
		} else {
			e.write([]byte(","))
		}
		e.some = true
		e.write(e.marshal(&c))
	}
	for i := range n.Children {
		if e.err == nil {
			e.crashes(&n.Children[i])
		}
	}
}
