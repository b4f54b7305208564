//go:build !plan9 || race

package tagged

//go:generate go tool nanogen -type large,small,tiny -out all_service.go

type large struct{}

func newLarge() *large { return &large{} }

type tiny struct{}

func newTiny() *tiny { return &tiny{} }

func (*large) Grow()  {}
func (*tiny) Shrink() {}
