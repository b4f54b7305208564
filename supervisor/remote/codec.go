package remote

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"github.com/bruskajp/nano_services/internal/foreign"
)

// maxDepth is how deep arrays, maps and structs may be nested in a message, the array of
// the arguments included.
const maxDepth = 64

// A format is how the arguments of one request and its results are written.
type format struct{ json bool }

// enc and dec are CBOR, RFC 8949. What both say is part of the wire format: times are
// RFC 3339 with nanoseconds, texts need not be UTF-8, types with text marshalers use them,
// and the lengths of lists are bounded by that of the message alone (but see weight.go).
var (
	enc = must2(cbor.EncOptions{
		Time:          cbor.TimeRFC3339Nano,
		TextMarshaler: cbor.TextMarshalerTextString,
	}.EncMode())

	dec = must2(cbor.DecOptions{
		MaxNestedLevels:   maxDepth,
		MaxArrayElements:  1<<31 - 1,
		MaxMapPairs:       1<<31 - 1,
		UTF8:              cbor.UTF8DecodeInvalid,
		TextUnmarshaler:   cbor.TextUnmarshalerTextString,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
	}.DecMode())
)

func must2[M any](mode M, err error) M {
	if err != nil {
		panic(err) // a test would have seen it
	}
	return mode
}

// encode returns the value that v points to, an array of arguments or results that is known
// as a. It refuses what decode at the other end would refuse. A marshaler of the user's that
// panics is an error.
func (f format) encode(a array, v any) (payload []byte, err error) {
	defer recovered("a type's own marshaler", &err)
	if a.refused != nil {
		return nil, a.refused
	}
	if a.deep {
		if err := shallow(reflect.ValueOf(v), maxDepth); err != nil {
			return nil, err
		}
	}
	if f.json {
		payload, err = encodeJSON(v)
	} else if payload, err = enc.Marshal(v); err == nil && (a.deep || a.own) {
		err = dec.Wellformed(payload) // and not too deep; of other types it is known
	}
	if err != nil {
		return payload, foreign.Keep(err) // a marshaler's, which others are told of
	}
	return payload, f.bearable(payload, reflect.TypeOf(v))
}

// decode reads the payload into the array that v points to. It reads all of it, and the
// number of elements has to be the array's. An unmarshaler of the user's that panics is an
// error.
func (f format) decode(payload []byte, v any) (err error) {
	defer recovered("a type's own unmarshaler", &err)
	if err := f.bearable(payload, reflect.TypeOf(v)); err != nil {
		return err
	}
	if f.json {
		return foreign.Keep(decodeJSON(payload, v))
	}
	return foreign.Keep(dec.Unmarshal(payload, v))
}

// recovered makes an error of a panic, deferred.
func recovered(of string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s panicked: %s", of, foreign.Short(foreign.Text(p), maxText))
	}
}

// elements returns the fields of an array of arguments or results, which v points to.
func elements(v any) (all []reflect.Value) {
	s := reflect.ValueOf(v).Elem()
	for i := range s.NumField() {
		if s.Type().Field(i).IsExported() {
			all = append(all, s.Field(i))
		}
	}
	return all
}

func encodeJSON(v any) ([]byte, error) {
	list := []any{}
	for _, e := range elements(v) {
		list = append(list, e.Addr().Interface()) // methods of pointers count
	}
	payload, err := json.Marshal(list)
	if err == nil {
		err = shallowJSON(payload)
	}
	return payload, err
}

func decodeJSON(payload []byte, v any) error {
	if err := shallowJSON(payload); err != nil {
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(payload, &list); err != nil {
		return err
	}
	all := elements(v)
	if len(list) != len(all) {
		return fmt.Errorf("an array of %d elements, not of %d", len(list), len(all))
	}
	for i, e := range all {
		if err := json.Unmarshal(list[i], e.Addr().Interface()); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	return nil
}
