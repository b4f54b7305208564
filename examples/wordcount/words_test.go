package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// reference counts words in the plainest way: the whole text at once.
func reference(text []byte) map[string]int64 {
	counts := make(map[string]int64)
	var word []rune
	end := func() {
		if len(word) > 0 {
			counts[known(string(word))]++
		}
		word = word[:0]
	}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			word = append(word, unicode.ToLower(r))
		} else {
			end()
		}
		text = text[size:]
	}
	end()
	return counts
}

// known returns what a word is known by.
func known(word string) string {
	if len(word) <= 1024 {
		return word
	}
	begin := ""
	for _, r := range word {
		if len(begin)+utf8.RuneLen(r) > 40 {
			break
		}
		begin += string(r)
	}
	return fmt.Sprintf("%s… (%d bytes, SHA-256 %x)", begin, len(word), sha256.Sum256([]byte(word)))
}

// scanned counts the words of a text in chunks. Between chunks the scanner is
// replaced by a copy, as after a crash.
func scanned(chunks ...[]byte) map[string]int64 {
	counts := make(map[string]int64)
	emit := func(word []byte) { counts[string(word)]++ }
	var s scanner
	for _, chunk := range chunks {
		next := s.clone()
		s.scan(chunk, func([]byte) {}) // what a lost reader does is of no consequence
		next.scan(bytes.Clone(chunk), emit)
		s = next
	}
	s.finish(emit)
	return counts
}

var texts = map[string]string{
	"empty":         "",
	"one word":      "word",
	"ASCII":         "The quick brown fox, the lazy dog; x86_64 and 42!\n",
	"letters":       "Größe größe GRÖSSE 東京 ΣΊΣΥΦΟΣ Жук жук ǅ İI ıi ẞß ꙮ𐐀𐐨",
	"digits":        "٣٤٥ ४५६ 1²3 Ⅷ ½",
	"marks":         "e\u0301a naïve don't a\u00adb",
	"invalid":       "a\xffb \xc3( \xe2\x82 \xf0\x9f\x98c \xed\xa0\x80 \xc0\xafz\x80\x80",
	"cut at end":    "tail\xf0\x90\x90",
	"cut letter":    "tail\xe6\x9d",
	"replacement":   "a\ufffdb",
	"zero bytes":    "a\x00b\x00",
	"only invalid":  "\xff\xfe\xff",
	"invalid first": "\x90\x80\x80a",
}

func TestScannerAtEveryBorder(t *testing.T) {
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			b := []byte(text)
			want := reference(b)
			for i := range len(b) + 1 {
				for j := i; j <= len(b); j++ {
					if got := scanned(b[:i], b[i:j], b[j:]); !maps.Equal(got, want) {
						t.Fatalf("cut at %d and %d: %v, want %v", i, j, got, want)
					}
				}
			}
			var single [][]byte
			for i := range b {
				single = append(single, b[i:i+1])
			}
			if got := scanned(single...); !maps.Equal(got, want) {
				t.Fatalf("byte by byte: %v, want %v", got, want)
			}
		})
	}
}

func TestScannerLongWords(t *testing.T) {
	for _, letter := range []string{"a", "Z", "é", "東", "𐐀", "Ⱥ"} { // Ⱥ grows when lowered
		for _, size := range []int{1020, 1021, 1022, 1023, 1024, 1025, 1026, 1027, 1028, 5000} {
			word := strings.Repeat(letter, size/len(letter)) + strings.Repeat("x", size%len(letter))
			text := []byte(word + " " + word + "y\xff" + strings.ToLower(word))
			want := reference(text)
			for cut := size - 6; cut < size+6; cut++ {
				if got := scanned(text[:cut], text[cut:]); !maps.Equal(got, want) {
					t.Fatalf("%q of %d bytes, cut at %d: %v, want %v", letter, size, cut, got, want)
				}
			}
		}
	}
}

func FuzzScanner(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text), uint64(1), 4)
	}
	f.Add([]byte(strings.Repeat("aé", 2000)), uint64(2), 1000)
	f.Fuzz(func(t *testing.T, text []byte, seed uint64, most int) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var chunks [][]byte
		for rest := text; len(rest) > 0; {
			n := min(len(rest), 1+rnd.IntN(min(max(most, 1), 1<<16)))
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		if got, want := scanned(chunks...), reference(text); !maps.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	})
}
