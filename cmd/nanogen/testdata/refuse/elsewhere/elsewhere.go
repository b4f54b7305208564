package elsewhere

import "example.com/elsewhere/internal/secret"

//go:generate go tool nanogen -type Tree,shrub,Grove -out ../forest/tree.go

type leaf struct{}

type Alias = leaf

type Tree struct{}

func newTree() *Tree { return &Tree{} }

func (t *Tree) Grow(l leaf, n int) {}

func (t *Tree) Leaves() (map[string][]*leaf, error) { return nil, nil }

func (t *Tree) Literal(s struct{ hidden int }, i interface{ hidden() }) {}

func (t *Tree) Secret(s secret.Secret) {}

// The alias is exported, and can be used.
func (t *Tree) Alias(a Alias) {}

// Grove has constraints that the other package cannot name.
type Grove[A leafy, B interface{ secret.Secret }] struct{}

type leafy interface{ ~int }

func NewGrove[A leafy, B interface{ secret.Secret }]() *Grove[A, B] { return &Grove[A, B]{} }

type shrub struct{}

func NewShrub(l leaf) *shrub { return &shrub{} }
