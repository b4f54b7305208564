package main

import (
	"fmt"
	"strings"
)

const pageHead = `What is run through
===================

Each file of the library of which something is run when a service gets a ` + "``Do``" + `, answers a ` + "``Call``" + `, crashes and is restarted,
or is stopped with ` + "``Stop``" + `, and the functions in it: the packages from above down, the files of ` + "``actor``" + ` in the order
of ` + "``actor/LAYERS``" + `, from the top. All goroutines count: the caller's, the service's and its supervisor's. The service has
nothing to do before and after, and no options. How it all fits is in ` + "`design.rst <design.rst>`__" + `. This page is written by
a program from counters of what was run (` + "``go -C internal/checks test ./trips -rewrite``" + `), and the same test compares it.

.. contents::
   :local:
   :depth: 1
`

// section is that of a trip on the page.
func section(title string, story []string, files []visited) string {
	var b strings.Builder
	n := 0
	for _, f := range files {
		n += len(f.funcs)
	}
	fmt.Fprintf(&b, "\n\n%s\n%s\n\n%d files, %d functions.\n", title, strings.Repeat("-", len(title)), len(files), n)
	for _, part := range story {
		b.WriteString("\n" + fill("", strings.ReplaceAll(part, "`", "``")))
	}
	for _, f := range files {
		fmt.Fprintf(&b, "\n``%s``\n", f.name)
		b.WriteString(fill("   ", "``"+strings.Join(f.funcs, "``, ``")+"``"))
	}
	return b.String()
}

// fill breaks a text into lines.
func fill(indent, text string) string {
	var b strings.Builder
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 118 {
			fmt.Fprintln(&b, line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(&b, line)
	return b.String()
}

const (
	tableRule = "======================  =====  ===========  =====  =======  =============\n"
	tableHead = tableRule +
		"Trip                    files  supervisor   actor  mailbox  ``internal/``\n" + tableRule
	tableFoot = tableRule
)

// row is that of a trip in the table.
func row(title string, files []visited) string {
	n := map[string]int{}
	for _, f := range files {
		n[part(f.name)]++
	}
	return fmt.Sprintf("%-22s  %-5d  %-11d  %-5d  %-7d  %d\n",
		title, len(files), n["supervisor"], n["actor"], n["mailbox"], n["internal"])
}
