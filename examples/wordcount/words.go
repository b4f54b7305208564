package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"unicode"
	"unicode/utf8"
)

// A word is a maximal run of letters and digits (unicode.IsLetter, unicode.IsDigit),
// lower-cased letter by letter (unicode.ToLower). Everything else separates words,
// bytes that are not valid UTF-8 included.

// maxWord is the length, in bytes and lower-cased, up to which a word is kept as it
// is. A longer one is known by its beginning, its length and its SHA-256: so two of
// them are counted as one word exactly if they are equal, and a "word" of gigabytes
// takes no more memory than a short one.
const maxWord = 1 << 10

// shownBytes is how much of a longer word is shown.
const shownBytes = 40

// scanner finds the words of a text that comes in chunks, cut anywhere: also
// between the letters of a word, or the bytes of a letter. Its zero value is ready.
type scanner struct {
	word []byte   // the present word so far, or what of it is not in long yet
	rest []byte   // the beginning of a character that the end of the chunk cut
	long longWord // the present word, once it is longer than maxWord
	cut  int      // words so far that were longer, and so are shown cut
}

// lower maps a byte to what it is in a word, if it is ASCII.
var lower = lowerTable()

const (
	separator = 0    // the byte separates words
	notASCII  = 0xff // the byte is part of a character that has to be decoded
)

func lowerTable() (table [256]byte) {
	for b := range table {
		switch r := rune(b); {
		case r >= utf8.RuneSelf:
			table[b] = notASCII
		case isWord(r):
			table[b] = byte(unicode.ToLower(r))
		}
	}
	return table
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// scan calls emit with each word that ends in chunk. The slice is emit's until it
// returns. A word that reaches the end of the chunk may go on in the next one.
func (s *scanner) scan(chunk []byte, emit func(word []byte)) {
	chunk = s.join(chunk, emit)
	for i := 0; i < len(chunk); {
		switch c := lower[chunk[i]]; c {
		default:
			if s.word = append(s.word, c); len(s.word) > maxWord {
				s.word = s.long.write(s.word)
			}
			i++
		case separator:
			s.end(emit)
			i++
		case notASCII:
			if !utf8.FullRune(chunk[i:]) {
				s.rest = append(s.rest, chunk[i:]...)
				return
			}
			r, size := utf8.DecodeRune(chunk[i:])
			s.add(r, emit)
			i += size
		}
	}
}

// join completes the character that the last chunk began, and returns what is left
// of this one.
func (s *scanner) join(chunk []byte, emit func(word []byte)) []byte {
	for len(s.rest) > 0 {
		begun := len(s.rest)
		both := append(s.rest, chunk[:min(utf8.UTFMax-begun, len(chunk))]...)
		if !utf8.FullRune(both) { // the chunk was that short
			s.rest = both
			return nil
		}
		r, size := utf8.DecodeRune(both)
		s.add(r, emit)
		if size > begun {
			s.rest = s.rest[:0]
			return chunk[size-begun:]
		}
		s.rest = s.rest[size:] // an invalid byte; what follows it may be valid
	}
	return chunk
}

// add goes on with a character that is not ASCII.
func (s *scanner) add(r rune, emit func(word []byte)) {
	if !isWord(r) { // nor is utf8.RuneError, which stands for invalid bytes
		s.end(emit)
		return
	}
	s.word = utf8.AppendRune(s.word, unicode.ToLower(r))
	if len(s.word) > maxWord {
		s.word = s.long.write(s.word)
	}
}

// end ends the present word, if there is one.
func (s *scanner) end(emit func(word []byte)) {
	if s.long.size > 0 {
		s.word = s.long.end(s.word)
		s.cut++
	}
	if len(s.word) > 0 {
		emit(s.word)
		s.word = s.word[:0]
	}
}

// finish ends the text.
func (s *scanner) finish(emit func(word []byte)) {
	for range s.rest { // these bytes will not become a character any more
		s.end(emit)
	}
	s.rest = s.rest[:0]
	s.end(emit)
}

// clone returns a scanner that goes on where s is.
func (s *scanner) clone() scanner {
	return scanner{bytes.Clone(s.word), bytes.Clone(s.rest), s.long.clone(), s.cut}
}

// longWord is what is kept of a word that is too long to be kept.
type longWord struct {
	size  int64 // in bytes; 0 if there is no such word
	begin string
	sum   hash.Hash
}

// write moves part of a word from the buffer into the hash, and returns the empty
// buffer.
func (l *longWord) write(part []byte) []byte {
	if l.size == 0 {
		cut := shownBytes
		for !utf8.RuneStart(part[cut]) {
			cut--
		}
		l.begin = string(part[:cut])
		l.sum = sha256.New()
	}
	l.size += int64(len(part))
	l.sum.Write(part)
	return part[:0]
}

// end writes the last part, and puts what the word is known by into the buffer. The
// mark in it is no letter, so no other word is known by the same.
func (l *longWord) end(part []byte) []byte {
	part = l.write(part)
	part = fmt.Appendf(part, "%s… (%d bytes, SHA-256 %x)", l.begin, l.size, l.sum.Sum(nil))
	*l = longWord{}
	return part
}

func (l *longWord) clone() longWord {
	c := *l
	if l.sum != nil {
		sum, err := l.sum.(hash.Cloner).Clone()
		if err != nil {
			panic(err) // only a hash in hardware may refuse; SHA-256 of the library never does
		}
		c.sum = sum
	}
	return c
}
