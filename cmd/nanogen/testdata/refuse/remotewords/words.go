package words

//go:generate go tool nanogen -type A -remote

type A struct {
	B //nano:lossy
}

func NewA() *A { return nil }

// A B comes with a method of which nothing is lost; the field may say so of others.
type B struct{}

func (b *B) Promoted(n int) {}

//nano:local
//nano:skip
func (a *A) Skipped() {}

//nano:lossy
//nano:skip
func (a *A) Skipped2() {}

//nano:local
//nano:future
func (a *A) Future() int { return 0 }

//nano:lossy
//nano:future
func (a *A) LossyFuture() int { return 0 }

//nano:lossy
//nano:local
func (a *A) LossyLocal() {}

//nano:lossy
func (a *A) Nothing(n int) {}

//nano:lossy
func (a *A) NotOnly(c chan int) {}

//nano:local
//nano:local
func (a *A) Twice() {}
