package report

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// The lines between which Replace writes. They are comments in reStructuredText.
const (
	beginMark = ".. figures begin"
	endMark   = ".. figures end"
)

// CheckMarks returns an error if a document has no place for figures.
func CheckMarks(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, _, err = marks(file, text)
	return err
}

// Replace writes figures into a document, in place of what stands between its marks.
func Replace(file string, figures []byte) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, after, err := marks(file, text)
	if err != nil {
		return err
	}
	middle := "\n" + strings.TrimSpace(string(figures)) + "\n\n"
	return os.WriteFile(file, bytes.Join([][]byte{before, after}, []byte(middle)), 0o644)
}

// marks returns what comes before the figures of a document, with the first mark's line,
// and what comes after them, from the second mark on.
func marks(file string, text []byte) (before, after []byte, err error) {
	_, rest, ok := bytes.Cut(text, []byte("\n"+beginMark))
	if ok {
		if _, rest, ok = bytes.Cut(rest, []byte("\n")); ok {
			if end := bytes.Index(rest, []byte(endMark+"\n")); end >= 0 {
				return text[:len(text)-len(rest)], rest[end:], nil
			}
		}
	}
	return nil, nil, fmt.Errorf("%s has no lines that begin with %q and %q", file, beginMark, endMark)
}
