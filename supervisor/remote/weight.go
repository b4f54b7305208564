package remote

import (
	"fmt"
	"reflect"
	"sync"
)

// What a message takes when it is read has to do with its types, not only with its length: a
// null, or an empty map, is one byte of it, and an element of a list may be a struct of any
// size. So the elements that are there are counted, each as if it were the largest that the
// type has many of, and the sum is bounded: a value with something in it takes a few bytes of
// memory for each of the message.
const (
	weightPerByte = 64
	minWeight     = 64 << 20 // which any message may take
)

// A weight is what elements of lists, maps and pointers within a type take at most.
type weight struct {
	any uint64 // one that is read from a list, a map, or null
	own uint64 // one that is read from anything else, by a method of its own
}

var weights sync.Map // by reflect.Type

func weightOf(t reflect.Type) weight {
	if w, ok := weights.Load(t); ok {
		return w.(weight)
	}
	var w weight
	w.add(t, map[reflect.Type]bool{})
	weights.Store(t, w)
	return w
}

// add looks at what t has many of.
func (w *weight) add(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		w.element(t.Elem(), uint64(t.Elem().Size()))
	case reflect.Map: // of which half may be free
		w.element(t.Elem(), 2*uint64(t.Key().Size()+t.Elem().Size()))
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Map, reflect.Array:
		w.add(t.Elem(), seen)
	case reflect.Struct:
		for f := range structFields(t) {
			w.add(f.Type, seen)
		}
	}
}

func (w *weight) element(t reflect.Type, size uint64) {
	w.any = max(w.any, size)
	if marshals(t) {
		w.own = max(w.own, size)
	}
}

// bearable returns an error if what is read from the payload into a value of type t could
// take too much memory. A payload that is malformed is found so when it is read.
func (f format) bearable(payload []byte, t reflect.Type) error {
	if t.Kind() == reflect.Pointer { // to the one value that is read
		t = t.Elem()
	}
	w := weightOf(t)
	most := max(minWeight, weightPerByte*uint64(len(payload)))
	if uint64(len(payload))*max(w.any, w.own) <= most { // as nearly always
		return nil
	}
	count := countCBOR
	if f.json {
		count = countJSON
	}
	lists, others := count(payload)
	if sum := lists*w.any + others*w.own; sum > most {
		return fmt.Errorf("%w: %d bytes with %d lists, maps and nulls could take %d bytes of memory, and may take %d", ErrTooLarge, len(payload), lists, sum, most)
	}
	return nil
}

// countCBOR counts the items of a payload: lists, maps and nulls, and others.
func countCBOR(payload []byte) (lists, others uint64) {
	for len(payload) > 0 {
		major, n := payload[0]>>5, uint64(payload[0]&31)
		payload = payload[1:]
		if n >= 24 {
			size := 1 << (n - 24)
			if n > 27 || size > len(payload) {
				return lists, others // malformed, or of no definite length, which is refused
			}
			n = 0
			for _, b := range payload[:size] {
				n = n<<8 | uint64(b)
			}
			payload = payload[size:]
		}
		switch major {
		case 2, 3: // bytes, and a text
			others++
			payload = payload[min(n, uint64(len(payload))):]
		case 4, 5: // a list, a map
			lists++
		case 6: // a tag, of what follows
		case 7:
			lists++ // mostly null
		default:
			others++
		}
	}
	return lists, others
}

// countJSON counts the items of a payload likewise.
func countJSON(payload []byte) (lists, others uint64) {
	others = 1
	outside(payload, func(b byte) {
		switch b {
		case '{', '[', 'n': // of null
			lists++
		case ',':
			others++
		}
	})
	return lists, others
}

// shallowJSON is what the CBOR decoder is told by MaxNestedLevels.
func shallowJSON(payload []byte) (err error) {
	depth := 0
	outside(payload, func(b byte) {
		switch b {
		case '{', '[':
			if depth++; depth > maxDepth {
				err = errDeep
			}
		case '}', ']':
			depth--
		}
	})
	return err
}

// outside calls f with each byte of JSON that is in no string.
func outside(payload []byte, f func(b byte)) {
	in, escaped := false, false
	for _, b := range payload {
		switch {
		case escaped:
			escaped = false
		case in && b == '\\':
			escaped = true
		case b == '"':
			in = !in
		case !in:
			f(b)
		}
	}
}
