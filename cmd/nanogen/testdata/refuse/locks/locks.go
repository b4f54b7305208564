package locks

import (
	"sync"
	"sync/atomic"
)

//go:generate go tool nanogen -type Direct,Nested,Fine

type Direct struct{ mu sync.Mutex }

func NewDirect() *Direct { return &Direct{} }

func (d Direct) Get() int { return 0 }

func (d *Direct) Set(int) {}

type inner struct {
	locks [2]sync.RWMutex
}

type counters struct{ n atomic.Int64 }

type Nested struct {
	n int
	inner
	counters
}

func NewNested() *Nested { return &Nested{} }

func (n Nested) Get() int { return n.n }

func (c counters) Counted() int { return 0 }

type Fine struct{ mu *sync.Mutex }

func NewFine() *Fine { return &Fine{} }

func (f Fine) Get() int { return 0 }
