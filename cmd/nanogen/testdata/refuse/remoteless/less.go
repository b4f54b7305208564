package less

//go:generate go tool nanogen -type A

type A struct {
	B //nano:local
}

func NewA() *A { return nil }

type B struct{}

func (b *B) Promoted(n int) {}

//nano:local
func (a *A) Local() {}

//nano:lossy
func (a *A) Lossy() {}
