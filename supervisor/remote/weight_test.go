package remote

import (
	"bytes"
	"errors"
	"math/big"
	"runtime"
	"strings"
	"testing"
)

type wide struct {
	A, B, C, D, E, F, G, H, I, J string `json:",omitempty"`
}

// heap returns how many bytes f allocates, garbage included, and how many are held then.
func heap(f func()) (took uint64, held int64) {
	var before, after, collected runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&collected)
	return after.TotalAlloc - before.TotalAlloc, int64(collected.HeapAlloc) - int64(before.HeapAlloc)
}

// list is a CBOR list of n items, or a map of n pairs, which is the one argument.
func listOf(head byte, n int, items []byte) []byte {
	return append([]byte{0x81, head, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, items...)
}

// A message takes no more memory than a bound that goes with its length, or is refused.
func TestWeight(t *testing.T) {
	const n = 1 << 20
	many := func(item string) []byte { return listOf(0x9a, n/len(item), []byte(strings.Repeat(item, n/len(item)))) }
	inJSON := func(item string) []byte {
		return []byte("[[" + strings.TrimSuffix(strings.Repeat(item+",", n/(len(item)+1)), ",") + "]]")
	}
	pairs := make([]byte, 0, n)
	for i := range n / 6 {
		pairs = append(pairs, 0x1a, byte(i>>24), byte(i>>16), byte(i>>8), byte(i), 0xa0)
	}
	for name, c := range map[string]struct {
		payload []byte
		json    bool
		into    any
		refused bool
	}{
		"nulls for structs":          {many("\xf6"), false, new(one[[]wide]), true},
		"undefined for structs":      {many("\xf7"), false, new(one[[]wide]), true},
		"empty structs":              {many("\xa0"), false, new(one[[]wide]), true},
		"structs of nothing known":   {many("\xa1\x60\x00"), false, new(one[[]wide]), false},
		"structs by pointers":        {many("\xa0"), false, new(one[[]*wide]), true},
		"empty arrays":               {many("\x80"), false, new(one[[][100]int]), true},
		"empty structs in a map":     {listOf(0xba, len(pairs)/6, pairs), false, new(one[map[int]wide]), false},
		"arrays in a map":            {listOf(0xba, len(pairs)/6, bytes.ReplaceAll(pairs, []byte{0xa0}, []byte{0x80})), false, new(one[map[int][100]int]), true},
		"in a list in a list":        {many("\x81\xa0"), false, new(one[[][]wide]), true},
		"nulls in JSON":              {inJSON("null"), true, new(one[[]wide]), false},
		"arrays in JSON":             {inJSON("[]"), true, new(one[[][100]int]), true},
		"nulls in JSON for arrays":   {inJSON("null"), true, new(one[[][100]int]), true},
		"numbers":                    {many("\x01"), false, new(one[[]int]), false},
		"booleans":                   {many("\xf4"), false, new(one[[]bool]), false},
		"empty texts":                {many("\x60"), false, new(one[[]string]), false},
		"empty lists":                {many("\x80"), false, new(one[[][]int]), false},
		"big numbers":                {many("\x01"), false, new(one[[]big.Int]), false},
		"structs with all they have": {many("\xa1\x61A\x61x"), false, new(one[[]wide]), false},
		"what only looks like lists": {append([]byte{0x81, 0x81, 0xa1, 0x61, 'A', 0x7a, 0, 0x10, 0, 0}, bytes.Repeat([]byte{'\x7f'}, n)...), false, new(one[[]wide]), false},
		"a text that looks like it":  {[]byte(`[[{"A":"` + strings.Repeat(`[{null,\"`, n/9) + `"}]]`), true, new(one[[][100]wide]), false},
	} {
		var err error
		took, held := heap(func() { err = format{c.json}.decode(c.payload, c.into) })
		if refused := errors.Is(err, ErrTooLarge); refused != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		if c.refused && took > 1<<20 {
			t.Errorf("%s: refused, and took %d bytes", name, took)
		}
		if held > weightPerByte*n*3/2 || took > 5*weightPerByte*n { // lists grow by a quarter and are copied then
			t.Errorf("%s: %d bytes took %d, and hold %d", name, len(c.payload), took, held)
		}
		runtime.KeepAlive(c.into)
	}
}

// What would be refused when it is read is not sent.
func TestWeightAtTheSender(t *testing.T) {
	full := make([]wide, 1<<15)
	for i := range full {
		full[i] = wide{A: "x", J: "y"}
	}
	for name, c := range map[string]struct {
		v       any
		refused bool
	}{
		"empty": {&one[[]wide]{A: make([]wide, 1<<20)}, true},
		"full":  {&one[[]wide]{A: full}, false},
	} {
		if _, err := (format{}).encode(array{}, c.v); errors.Is(err, ErrTooLarge) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// JSON is not nested deeper than CBOR, to be read or to be sent, and what is in strings does not count.
func TestDepthOfJSON(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	type tree []tree
	for depth, want := range map[int]error{2: nil, maxDepth: nil, maxDepth + 1: errDeep, 100000: errDeep} {
		var v one[tree]
		if err := (format{json: true}).decode(nested(depth), &v); !errors.Is(err, want) {
			t.Errorf("a depth of %d: %v", depth, err)
		}
	}
	v := tree{}
	for range maxDepth {
		v = tree{v}
	}
	if _, err := (format{json: true}).encode(array{}, &one[tree]{A: v}); !errors.Is(err, errDeep) {
		t.Error(err)
	}
	var text one[string]
	if err := (format{json: true}).decode([]byte(`["\"`+strings.Repeat("[", 100)+`"]`), &text); err != nil {
		t.Error(err)
	}
}
