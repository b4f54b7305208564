package main

import (
	"fmt"
	"strings"
)

// around is the number of equal lines that a diff shows around what differs.
const around = 3

// diff returns the unified difference of two texts, "" if there is none. It takes
// time and memory in proportion to the product of the parts that differ.
func diff(oldName, newName string, oldText, newText []byte) string {
	a, b := splitLines(oldText), splitLines(newText)
	edits := compare(a, b)
	var out strings.Builder
	for begin := 0; begin < len(edits); {
		if edits[begin].op == ' ' {
			begin++
			continue
		}
		// A hunk: until more than twice as many lines as are shown are equal.
		end, equal := begin+1, 0
		for i := end; i < len(edits) && equal <= 2*around; i++ {
			if edits[i].op == ' ' {
				equal++
			} else {
				end, equal = i+1, 0
			}
		}
		if out.Len() == 0 {
			fmt.Fprintf(&out, "--- %s\n+++ %s\n", oldName, newName)
		}
		hunk(&out, edits, max(begin-around, 0), min(end+around, len(edits)))
		begin = end
	}
	return out.String()
}

// An edit is a line that both texts have (' '), or only the old ('-') or the new
// one ('+').
type edit struct {
	op   byte
	line string
}

// hunk prints edits[from:to] with the numbers of their lines.
func hunk(out *strings.Builder, edits []edit, from, to int) {
	count := func(edits []edit, not byte) (n int) {
		for _, e := range edits {
			if e.op != not {
				n++
			}
		}
		return n
	}
	place := func(not byte) string {
		before, n := count(edits[:from], not), count(edits[from:to], not)
		if n > 0 {
			before++
		}
		return fmt.Sprintf("%d,%d", before, n)
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", place('+'), place('-'))
	for _, e := range edits[from:to] {
		fmt.Fprintf(out, "%c%s\n", e.op, e.line)
	}
}

func splitLines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// compare returns how b comes from a, by their longest common subsequence.
func compare(a, b []string) (edits []edit) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		edits = append(edits, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	same := 0 // at the end
	for same < min(len(a), len(b)) && a[len(a)-1-same] == b[len(b)-1-same] {
		same++
	}
	tail := a[len(a)-same:]
	a, b = a[:len(a)-same], b[:len(b)-same]

	// longest[i][j] is the length of what a[i:] and b[j:] have in common.
	longest := make([][]int32, len(a)+1)
	for i := range longest {
		longest[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			edits = append(edits, edit{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && longest[i+1][j] >= longest[i][j+1]:
			edits = append(edits, edit{'-', a[i]})
			i++
		default:
			edits = append(edits, edit{'+', b[j]})
			j++
		}
	}
	for _, line := range tail {
		edits = append(edits, edit{' ', line})
	}
	return edits
}
