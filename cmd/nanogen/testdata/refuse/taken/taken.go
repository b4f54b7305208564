package taken

//go:generate go tool nanogen -type T,U,Box,A,AB

import UService "fmt"

type T struct{}

func NewT() *T { return &T{} }

type TService struct{}

func NewTService() {}

func TServiceOf() {}

//nano:future
func (t *T) Two() (int, int) { return 1, 2 }

const TTwoResults = 2

type U struct{}

func NewU() *U { UService.Println(); return &U{} }

// Box has type parameters with the names of types that its methods mention.
type Box[Item, error, string, other any] struct{}

func NewBox[A, B, C, D any]() *Box[A, B, C, D] { return nil }

type Item struct{}

type other struct{}

func (*Box[A, B, C, D]) Put(Item, A, B, C, D) string { return "" }

type A struct{}

func NewA() *A { return nil }

//nano:future
func (*A) BC() (int, int) { return 1, 2 }

type AB struct{}

func NewAB() *AB { return nil }

//nano:future
func (*AB) C() (int, int) { return 1, 2 }
