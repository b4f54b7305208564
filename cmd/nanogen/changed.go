package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// changed returns a line for each signature that is not that of the same file in git: a
// client of before and a service of now, and the other way about, do not understand each
// other there. The error says why git was not asked.
func (o *output) changed() (lines []string, err error) {
	committed, err := committed(o.path)
	if err != nil {
		return nil, err
	}
	before, now := signaturesIn(committed), signaturesIn(o.text)
	for _, b := range before {
		switch text, there := find(now, b.method); {
		case !there:
			lines = append(lines, fmt.Sprintf("%s: %s: the signature %s is gone: clients of before get ErrNoMethod", o.label, b.method, b.text))
		case text != b.text:
			lines = append(lines, fmt.Sprintf("%s: %s: the signature was %s (%s), and is %s (%s): clients and services of before get ErrIncompatible",
				o.label, b.method, b.text, hashOf(b.text), text, hashOf(text)))
		}
	}
	return lines, nil
}

// printChanged prints those lines of a file that has signatures.
func (o *output) printChanged(stdout, stderr io.Writer) {
	if o.part == servicePart {
		return
	}
	lines, err := o.changed()
	if err != nil {
		fmt.Fprintf(stderr, "nanogen: %s: its signatures were not compared with those in git: %v\n", o.label, err)
	}
	for _, line := range lines {
		fmt.Fprintln(stdout, line)
	}
}

// A signed is a method with its signature.
type signed struct{ method, text string }

func find(all []signed, method string) (text string, ok bool) {
	for _, s := range all {
		if s.method == method {
			return s.text, true
		}
	}
	return "", false
}

// signaturesIn returns those of a file that nanogen has written: the texts in the literals
// that have a Type and Methods.
func signaturesIn(file []byte) (all []signed) {
	f, err := parser.ParseFile(token.NewFileSet(), "", file, parser.SkipObjectResolution)
	if f == nil || err != nil && !generated(file) {
		return nil
	}
	ast.Inspect(f, func(n ast.Node) bool {
		table, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		of := texts(fieldOfLit(table, "Type"))
		methods := texts(fieldOfLit(table, "Methods"))
		if len(of) != 1 {
			return true
		}
		for _, text := range methods {
			name, _, _ := strings.Cut(text, "(")
			all = append(all, signed{of[0] + "." + name, text})
		}
		return false
	})
	return all
}

// fieldOfLit returns the value of a field in a literal, nil if it has none.
func fieldOfLit(lit *ast.CompositeLit, name string) ast.Node {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// texts returns the strings in an expression.
func texts(n ast.Node) (all []string) {
	if n == nil {
		return nil
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				all = append(all, s)
			}
		}
		return true
	})
	return all
}

// committed returns a file as git has it, nothing if it has no such file yet.
func committed(path string) ([]byte, error) {
	cmd := exec.Command("git", "show", "HEAD:./"+filepath.Base(path))
	cmd.Dir = filepath.Dir(path)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var said bytes.Buffer
	cmd.Stderr = &said
	text, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		for _, unknown := range []string{"not in 'HEAD'", "does not exist in 'HEAD'", "invalid object name 'HEAD'"} {
			if strings.Contains(line, unknown) {
				return nil, nil
			}
		}
		return nil, fmt.Errorf("%w: %s", exit, line)
	}
	return text, err
}
