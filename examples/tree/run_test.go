package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
)

// The output is always the same, and it is what docs/supervision.rst shows.
func TestSUPTreeOutput(t *testing.T) {
	var first string
	for i := range 20 {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			if err := run(context.Background(), &b); err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = b.String()
			} else if b.String() != first {
				t.Fatalf("run %d:\n%s\nwant\n%s", i, b.String(), first)
			}
		})
	}
	doc, err := os.ReadFile("../../docs/supervision.rst")
	if err != nil {
		t.Fatal(err)
	}
	var indented strings.Builder
	for line := range strings.Lines(first) {
		if line != "\n" {
			line = "   " + line
		}
		indented.WriteString(line)
	}
	if !strings.Contains(string(doc), indented.String()) {
		t.Errorf("docs/supervision.rst does not show the output:\n%s", indented.String())
	}
}

// Outside of a bubble it says the same.
func TestSUPTreeInRealTime(t *testing.T) {
	var b bytes.Buffer
	if err := run(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.Contains(s, "in the till: 7") || !strings.HasSuffix(s, "└── clerk: terminated\n") {
		t.Error(s)
	}
}
