package syntax

//go:generate go tool nanogen -type T

type T struct{

func NewT() *T { return &T{} }
