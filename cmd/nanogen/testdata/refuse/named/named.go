package named

//go:generate go tool nanogen -type T -new Open

type T struct{}

func NewT() *T { return &T{} }
