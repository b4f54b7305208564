package taken

//go:generate go tool nanogen -type T

type T struct{}

func NewT() *T { return &T{} }

type TService struct{}

func NewTService() {}

//nano:future
func (t *T) Two() (int, int) { return 1, 2 }

const TTwoResults = 2
