package main

import (
	"io"
	"os"
)

// section is a part of a file that one reader reads.
type section struct {
	path     string
	from, to int64 // to is -1 for the end of the file
}

// minSection is the least size for which it is worth having another reader.
const minSection = 4 << 20

// sections cuts a large file into up to n sections, so that one file keeps several
// readers busy. It cuts where there is an ASCII separator, which no word and no
// character spans: then each section can be counted by itself. What cannot be cut
// or looked at is one section: its reader will say what is wrong with it.
func sections(path string, n int, minSize int64) []section {
	whole := []section{{path, 0, -1}}
	info, err := os.Stat(path)
	if path == "-" || err != nil || !info.Mode().IsRegular() {
		return whole
	}
	n = int(min(int64(n), info.Size()/minSize))
	if n < 2 {
		return whole
	}
	file, err := os.Open(path)
	if err != nil {
		return whole
	}
	defer file.Close()
	parts := whole
	for i := range int64(n - 1) {
		last := &parts[len(parts)-1]
		cut, ok := nextSeparator(file, (i+1)*(info.Size()/int64(n)))
		if ok && cut > last.from {
			last.to = cut
			parts = append(parts, section{path, cut, -1})
		}
	}
	return parts
}

// nextSeparator returns where the first ASCII separator is, at offset or within
// some distance behind it.
func nextSeparator(file io.ReaderAt, offset int64) (int64, bool) {
	var near [4 << 10]byte
	n, _ := file.ReadAt(near[:], offset)
	for i, b := range near[:n] {
		if lower[b] == separator {
			return offset + int64(i), true
		}
	}
	return 0, false
}
