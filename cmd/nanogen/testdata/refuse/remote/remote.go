package remote

import (
	"context"
	"io"
	"sync"
	"time"
	"unsafe"

	"github.com/bruskajp/nano_services/actor"
)

//go:generate go tool nanogen -type DB,Box,Local -remote

type DB struct{}

func NewDB() *DB { return &DB{} }

type Order struct {
	ID    string
	Lines []Line
	Next  *Order
}

type Line struct {
	Done    chan struct{}
	Watch   map[string][]func()
	Amount  complex128
	Address unsafe.Pointer
	Number  uintptr
	Reader  io.Reader
	Any     any
}

func (d *DB) Put(ctx context.Context, o Order) error { return nil }

func (d *DB) Orders(all []*Line) error { return nil }

type Hidden struct {
	Name   string
	secret int
	Left   int `json:"-"`
	Out    int `cbor:"-"`
}

func (d *DB) Hide(Hidden) error { return nil }

type Empty struct{ a, b int }

func (d *DB) Empty() (Empty, error) { return Empty{}, nil }

func (d *DB) Lock(mu *sync.Mutex) error { return nil }

func (d *DB) Failed() (error, int) { return nil, 0 }

func (d *DB) Tell(err error) {}

func (d *DB) Late(n int, ctx context.Context) error { return nil }

type Written string

func (Written) MarshalText() ([]byte, error) { return nil, nil }

type Read string

func (*Read) UnmarshalText([]byte) error { return nil }

func (d *DB) Half(a Written, b Read) error { return nil }

type Stamped struct {
	time.Time
	By string
}

func (d *DB) Stamp(s Stamped) error { return nil }

type Same struct {
	A int `json:"n"`
	B int `json:"n"`
	C int
	Inner
}

type Inner struct{ C, D int }

func (d *DB) Same(s Same) error { return nil }

type inner struct{ A int }

type Embeds struct {
	*inner
	B int
}

func (d *DB) Embeds(e Embeds) error { return nil }

func (d *DB) Pointers(a **int, b *[]int, c *map[int]int, d2 *int) error { return nil }

func (d *DB) Keys(m map[*int]int, n map[struct{ P *int }]bool, o map[time.Time]int) error { return nil }

func (d *DB) Service(s *actor.Service[DB], proxy DBService) error { return nil }

func (d *DB) Unnamed(struct{ F func() }) (struct{ G chan int }, error) {
	return struct{ G chan int }{}, nil
}

type Box[T any] struct{ v T }

func NewBox[T any]() *Box[T] { return nil }

func (b *Box[T]) Len() int { return 0 }

type Local struct{}

func NewLocal() *Local { return &Local{} }

//nano:local
func (l *Local) A() {}

//nano:future
func (l *Local) B() int { return 0 }
