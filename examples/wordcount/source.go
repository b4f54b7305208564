package main

import (
	"errors"
	"io"
	"os"
)

// source is what is left of a section. It is not part of the reader's state, because
// it has to survive the reader: it gives out the same chunk until that is committed,
// and a reader that crashed half-way through one begins that one again.
//
// There is one reader of it at any time, so it needs no lock either.
type source struct {
	section
	stdin io.Reader // what "-" reads
	file  io.ReadCloser
	input io.Reader // file, as far as the section goes

	chunkSize int // at most
	buffer    []byte
	chunk     []byte // read and not committed
	err       error  // why nothing follows chunk; io.EOF in the end

	number int     // of the chunk, from 1
	read   int64   // bytes committed
	words  scanner // as it is before the chunk
	crash  int64   // where in the file the reader is to crash once; 0: nowhere
}

// next returns the chunk to do. At the end it is empty, and s.err is set.
func (s *source) next() []byte {
	if len(s.chunk) == 0 && s.err == nil {
		n := 0
		if s.err = s.open(); s.err == nil {
			n, s.err = io.ReadAtLeast(s.input, s.buffer, 1)
		}
		s.chunk = s.buffer[:n]
		s.number++
	}
	return s.chunk
}

// commit says that the chunk has been done, and that the text goes on with words.
func (s *source) commit(words scanner) {
	s.read += int64(len(s.chunk))
	s.chunk = nil
	s.words = words
}

// open opens the section, once.
func (s *source) open() error {
	if s.input != nil {
		return nil
	}
	if s.path == "-" {
		s.input, s.buffer = s.stdin, make([]byte, s.chunkSize)
		return nil
	}
	file, err := os.Open(s.path)
	if err != nil {
		return err
	}
	s.file, s.input = file, file
	if s.from > 0 {
		_, err = file.Seek(s.from, io.SeekStart)
	}
	if s.to >= 0 {
		s.input = io.LimitReader(file, s.to-s.from)
	}
	s.buffer = make([]byte, s.bufferSize())
	return err
}

// bufferSize spares a small file a large buffer.
func (s *source) bufferSize() int {
	info, err := os.Stat(s.path)
	if err != nil || !info.Mode().IsRegular() {
		return s.chunkSize
	}
	return int(min(int64(s.chunkSize), max(info.Size(), 4<<10)))
}

// failure returns why the section could not be read to its end.
func (s *source) failure() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

func (s *source) close() {
	if s.file != nil {
		s.file.Close()
	}
	s.buffer, s.chunk = nil, nil // there may be thousands of sources
}
