package remote

import (
	"encoding"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
)

type one[V any] struct {
	_ struct{} `cbor:",toarray"`
	A V
}

type lossyOne[V any] struct {
	_ struct{} `cbor:",toarray" nano:"lossy"`
	A V
}

type (
	myInt   int
	myBytes []byte
	myByte  byte
	plain   struct{ A, B int }
	tagged  struct {
		A int `json:"a,omitempty"`
		B int `cbor:"b"`
		C int `json:"c" cbor:"d"`
	}
	ints struct {
		A int `cbor:"1,keyasint"`
	}
	inRow struct {
		_ struct{} `cbor:",toarray"`
		A string
		B int
	}
	embeds struct {
		plain
		C int
	}
	Embedded struct{ X int }
	pointsTo struct{ *Embedded }
	named    struct {
		Embedded `json:"e"`
	}
	shadows struct {
		Embedded
		X string
	}
	hidden struct{ A, b int }
	left   struct {
		A int `json:"-"`
	}
	list struct {
		Value int
		Next  *list
	}
	branch struct {
		Name string
		Kids []branch
		Map  map[string]*branch
	}
	twins struct {
		A int `cbor:"x"`
		B int `cbor:"x"`
	}
	blank struct {
		_ int
		A int
	}
	deepHidden struct{ Lines []map[string]*hidden }
)

// texts has text methods, one and the other, or both.
type onlyOut struct{ a int }

func (onlyOut) MarshalText() ([]byte, error) { return []byte("x"), nil }

type onlyIn struct{ a int }

func (*onlyIn) UnmarshalText([]byte) error { return nil }

type both struct{ a string }

func (b both) MarshalText() ([]byte, error)  { return []byte(b.a), nil }
func (b *both) UnmarshalText(t []byte) error { b.a = string(t); return nil }

type both2 struct{ a string }

func (b *both2) MarshalBinary() ([]byte, error) { return []byte(b.a), nil }
func (b *both2) UnmarshalBinary(t []byte) error { b.a = string(t); return nil }

type color int

func (c color) MarshalText() ([]byte, error) { return []byte{'a' + byte(c)}, nil }
func (c *color) UnmarshalText(t []byte) error {
	if len(t) != 1 {
		return errors.New("no color")
	}
	*c = color(t[0] - 'a')
	return nil
}

type own struct{ a int }

func (o own) MarshalCBOR() ([]byte, error)  { return cbor.Marshal(o.a) }
func (o *own) UnmarshalCBOR(b []byte) error { return cbor.Unmarshal(b, &o.a) }

type broken struct{}

func (broken) MarshalCBOR() ([]byte, error) { return []byte{0x9f}, nil }
func (*broken) UnmarshalCBOR([]byte) error  { return nil }

var (
	_ encoding.TextMarshaler   = both{}
	_ encoding.BinaryMarshaler = &both2{}
)

// crossed sends v as a call does.
func crossed[V any](v V, as format) (got V, err error) {
	a := arrayOf("M(a T)", reflect.TypeFor[one[V]]())
	payload, err := as.encode(a, &one[V]{A: v})
	if err != nil {
		return got, err
	}
	var out one[V]
	if err := as.decode(payload, &out); err != nil {
		return got, errors.Join(errors.New("the other end"), err)
	}
	return out.A, nil
}

// crossing is a test of one type.
type crossing struct {
	name string
	run  func(as format) (same bool, got any, err error)
	text string // in the error with which it is refused; "": it arrives equal
}

func arrives[V any](name string, v V) crossing { return crosses(name, v, "") }

func crosses[V any](name string, v V, text string) crossing {
	return crossing{name, func(as format) (bool, any, error) {
		got, err := crossed(v, as)
		return reflect.DeepEqual(got, v), got, err
	}, text}
}

func ptr[V any](v V) *V { return &v }

// Of all kinds of types: equal on arrival, or refused before it is sent.
func TestTypes(t *testing.T) {
	link, err := url.Parse("https://ada:secret@example.com/a?b=c#d")
	if err != nil {
		t.Fatal(err)
	}
	cycle := &list{Value: 1}
	cycle.Next = cycle
	long := (*list)(nil)
	for i := range 70 {
		long = &list{i, long}
	}
	fits := (*list)(nil)
	for i := range 60 {
		fits = &list{i, fits}
	}
	self := &branch{Map: map[string]*branch{}}
	self.Map["me"] = self
	for _, c := range []crossing{
		arrives("bool", true),
		arrives("int", math.MinInt),
		arrives("int8", int8(-128)),
		arrives("int64", int64(math.MaxInt64)),
		arrives("uint64", uint64(math.MaxUint64)),
		arrives("float32", float32(math.SmallestNonzeroFloat32)),
		arrives("float64", math.MaxFloat64),
		arrives("infinity", math.Inf(-1)),
		arrives("minus zero", math.Copysign(0, -1)),
		arrives("string", "a\x00\u2028é"),
		arrives("string that is no UTF-8", "a\xff\xfe"),
		arrives("named", myInt(7)),
		arrives("duration", time.Hour),
		arrives("bytes", []byte{0, 255}),
		arrives("named bytes", myBytes{1, 2}),
		arrives("slice of named bytes", []myByte{1, 2}),
		arrives("array of bytes", [3]byte{1, 2, 3}),
		arrives("nil bytes", []byte(nil)),
		arrives("no bytes", []byte{}),
		arrives("nil slice", []int(nil)),
		arrives("empty slice", []int{}),
		arrives("slice of slices", [][]string{nil, {}, {"x"}}),
		arrives("array", [2][2]int{{1, 2}, {3, 4}}),
		arrives("empty array", [0]int{}),
		arrives("nil map", map[string]int(nil)),
		arrives("map", map[string][]int{"": nil, "a": {1}}),
		arrives("map of ints", map[int64]bool{-1: true, 1: false}),
		arrives("map of named", map[myInt]plain{1: {2, 3}}),
		arrives("pointer", ptr(7)),
		arrives("nil pointer", (*plain)(nil)),
		arrives("pointer to a struct", &plain{1, 2}),
		arrives("struct", plain{1, 2}),
		arrives("empty struct", struct{}{}),
		arrives("tags", tagged{1, 2, 3}),
		arrives("tags, zero", tagged{}),
		arrives("numbers for names", ints{7}),
		arrives("struct as an array", inRow{A: "x", B: 1}),
		arrives("embedded", embeds{plain{1, 2}, 3}),
		arrives("embedded pointer", pointsTo{&Embedded{1}}),
		arrives("embedded with a name", named{Embedded{1}}),
		arrives("blank field", blank{A: 1}),
		arrives("time in UTC", time.Date(2026, 11, 29, 1, 2, 3, 123456789, time.UTC)),
		arrives("zero time", time.Time{}),
		arrives("big", *new(big.Int).Lsh(big.NewInt(-7), 200)),
		arrives("pointer to big", big.NewInt(-7)),
		arrives("address", netip.MustParseAddr("::1%eth0")),
		arrives("prefix", netip.MustParsePrefix("10.0.0.0/8")),
		arrives("URL", *link),
		arrives("text methods", both{"x\xff"}),
		arrives("pointer with text methods", &both{"x"}),
		arrives("binary methods on the pointer", both2{"x"}),
		arrives("text methods on an int", []color{1, 2}),
		arrives("CBOR methods", own{7}),
		arrives("list", fits),
		arrives("tree", branch{"a", []branch{{"b", nil, nil}}, map[string]*branch{"c": {Name: "c"}, "nil": nil}}),

		crosses("func", func() {}, "A: func"),
		crosses("chan", make(chan int), "A: chan"),
		crosses("complex", 1i, "A: complex128"),
		crosses("uintptr", uintptr(1), "A: uintptr"),
		crosses("interface", any(1), "A: interface"),
		crosses("error", error(errors.New("x")), "A: interface error"),
		crosses("slice of interfaces", []any{1}, "A[]: interface"),
		crosses("map to a chan", map[string]chan int{}, "A[]: chan"),
		crosses("unexported field", hidden{1, 2}, "A.b: not exported"),
		crosses("path to it", deepHidden{}, "A.Lines[][].b: not exported"),
		crosses("field left out", left{1}, "A.A: left out"),
		crosses("pointer to a pointer", ptr(ptr(1)), "pointer to nil"),
		crosses("pointer to a slice", &[]int{}, "pointer to nil"),
		crosses("pointer to a map", &map[int]int{}, "pointer to nil"),
		crosses("two of one name", twins{1, 2}, "A.B: another field is called x"),
		crosses("shadowed", shadows{Embedded{1}, "x"}, "another field is called X"),
		crosses("embedded ones that have methods of their own", struct {
			time.Time
			netip.Addr
		}{}, "A.Time.wall: not exported"),
		crosses("map of pointers", map[*int]int{}, "keys of type *int"),
		crosses("map of structs", map[plain]int{}, "keys of type remote.plain"),
		crosses("map of texts", map[color]int{}, "keys of type remote.color"),
		crosses("map of times", map[time.Time]int{}, "keys of type time.Time"),
		crosses("only MarshalText", onlyOut{1}, "has a TextMarshaler, and no TextUnmarshaler"),
		crosses("only UnmarshalText", onlyIn{1}, "has a TextUnmarshaler, and no TextMarshaler"),
		crosses("CBOR that is none", broken{}, "unexpected"),
		crosses("a value in itself", cycle, "nested deeper"),
		crosses("a map in itself", self, "nested deeper"),
		crosses("a long list", long, "nested"),
	} {
		same, got, err := c.run(format{})
		switch {
		case c.text != "" && (err == nil || !strings.Contains(err.Error(), c.text)):
			t.Errorf("%s: %v, %v; it is to be refused for %q", c.name, got, err, c.text)
		case c.text != "" && strings.Contains(err.Error(), "the other end"):
			t.Errorf("%s: %v", c.name, err)
		case c.text == "" && (err != nil || !same):
			t.Errorf("%s: %#v, %v", c.name, got, err)
		}
	}
	if got, err := crossed(math.NaN(), format{}); err != nil || !math.IsNaN(got) {
		t.Errorf("NaN: %v, %v", got, err)
	}
	now := time.Now()
	if got, err := crossed(now, format{}); err != nil || !got.Equal(now) {
		t.Errorf("now: %v, %v", got, err)
	}
	if a := arrayOf("M(a T)", reflect.TypeFor[lossyOne[hidden]]()); a.refused != nil {
		t.Errorf("lossy: %v", a.refused)
	}
	if a := arrayOf("M(a T)", reflect.TypeFor[lossyOne[func()]]()); a.refused == nil {
		t.Error("a function is not lost in part")
	}
}

// Evolution: a field that one side does not know is ignored, or zero; another parameter
// list is refused.
func TestEvolution(t *testing.T) {
	type before struct{ A int }
	type after struct {
		A int
		B string
	}
	payload, err := format{}.encode(array{}, &one[after]{A: after{1, "x"}})
	if err != nil {
		t.Fatal(err)
	}
	var old one[before]
	if err := (format{}).decode(payload, &old); err != nil || old.A.A != 1 {
		t.Errorf("%+v, %v", old, err)
	}
	payload, err = format{}.encode(array{}, &one[before]{A: before{1}})
	if err != nil {
		t.Fatal(err)
	}
	var now one[after]
	if err := (format{}).decode(payload, &now); err != nil || now.A != (after{A: 1}) {
		t.Errorf("%+v, %v", now, err)
	}
	// Upper and lower case differ, and a name that comes twice is refused.
	type lower struct {
		A int `json:"a"`
	}
	var other one[lower]
	if err := (format{}).decode(payload, &other); err != nil || other.A.A != 0 {
		t.Errorf("%+v, %v", other, err)
	}
	if err := (format{}).decode([]byte("\x81\xa2\x61A\x01\x61A\x02"), &old); err == nil {
		t.Error("a name that comes twice")
	}
}

// What is decoded comes from anywhere.
func FuzzDecode(f *testing.F) {
	type all struct {
		A []plain
		B map[string]*branch
		C time.Time
		D big.Int
		E color
		F []byte
		G float64
		H *list
	}
	for _, v := range []all{{}, {A: []plain{{1, 2}}, B: map[string]*branch{"x": {Name: "y"}}, C: time.Unix(1, 2), F: []byte{1}, G: 1.5, H: &list{1, &list{2, nil}}}} {
		payload, err := format{}.encode(array{deep: true}, &one[all]{A: v})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload, false)
	}
	f.Add([]byte(`[{"A":[{"A":1}],"C":"2026-11-29T00:00:00Z"}]`), true)
	f.Add([]byte(strings.Repeat("\x81", 100)), false)
	f.Fuzz(func(t *testing.T, payload []byte, json bool) {
		as := format{json}
		var v one[all]
		if as.decode(payload, &v) != nil {
			return
		}
		again, err := as.encode(array{deep: true}, &v)
		if err != nil {
			if json || errors.Is(err, errDeep) { // NaN of JSON cannot come; maps may be deep
				t.Skip(err)
			}
			t.Fatalf("what was read cannot be written: %v", err)
		}
		var w one[all]
		if err := as.decode(again, &w); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

// Headers of answers come from anywhere.
func FuzzAnswer(f *testing.F) {
	known := newKnownErrors([]Known{ErrorType[*limit]("remote.limit"), Sentinel("remote.errDeep", errDeep)})
	for _, err := range []error{errDeep, &limit{7}, ErrNoService, errors.New("x")} {
		for what := range outcomes {
			f.Add(known.tell(err, what), []byte("stack"))
		}
	}
	f.Add(`{"o":"c","m":"boom","l":"a:b:-1","t":"remote.limit","v":"gA=="}`, []byte(nil))
	f.Add(`{"is":["remote.limit"],"t":"remote.errDeep"}`, []byte(nil))
	f.Fuzz(func(t *testing.T, header string, data []byte) {
		told, what, err := parse(header)
		if err != nil {
			return
		}
		e := known.error(told)
		if letter, ok := outcomes[what]; !ok || letter != told.Outcome {
			t.Fatal(told, what)
		}
		_ = e.Error()
		_ = errors.Is(e, ErrNoService)
		if l, ok := errors.AsType[*limit](e); ok && l == nil {
			t.Fatal("an error that is nil")
		}
		_ = known.crash(told, data).Error()
	})
}

type limit struct{ N int }

func (l *limit) Error() string { return "limit" }
