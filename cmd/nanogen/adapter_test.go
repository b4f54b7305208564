package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The adapter that docs/generator.rst shows is the one that TestRun runs.
func TestAdapterOfTheDocumentation(t *testing.T) {
	t.Parallel()
	_, adapter, ok := strings.Cut(readFile(t, filepath.Join("testdata", "run", "site.go")), "\n// siteHandler")
	if !ok {
		t.Fatal("there is no adapter")
	}
	docs := readFile(t, filepath.Join("..", "..", "docs", "generator.rst"))
	for line := range strings.Lines("// siteHandler" + adapter) {
		line = strings.ReplaceAll(strings.TrimRight(line, "\n"), "\t", "    ")
		if line != "" && !strings.Contains(docs, "\n   "+line+"\n") {
			t.Errorf("the documentation does not have %q", line)
		}
	}
}
