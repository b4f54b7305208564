package embeds

//go:generate go tool nanogen -type Outer

type Inner struct{}

func NewInner() *Inner { return &Inner{} }

// Outer embeds what has yet to be generated, with methods that nobody knows.
type Outer struct{ InnerService }

func NewOuter() *Outer { return &Outer{} }
