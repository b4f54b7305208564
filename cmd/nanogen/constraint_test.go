package main

import (
	"fmt"
	"testing"
)

func TestConstraintsInNamesOfFiles(t *testing.T) {
	for name, want := range map[string]string{
		"counter.go":                "[]",
		"linux.go":                  "[]",
		"counter_fast.go":           "[]",
		"counter_.go":               "[]",
		"counter_linux.go":          "[linux]",
		"/src_linux/counter_386.go": "[386]",
		"counter_windows_arm64.go":  "[windows arm64]",
		"counter_arm64_windows.go":  "[windows]",
		"counter_linux_fast.go":     "[]",
	} {
		if got := fmt.Sprint(nameTags(name)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
