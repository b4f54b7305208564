package unknown

import "example.com/missing"

//go:generate go tool nanogen -type T

type T struct{ undefined Undefined }

func NewT(m missing.M) *T { return &T{} }

func (t *T) Add(by Nobody) {}

func (t *T) Get() (map[string][]Nothing, error) { return nil, nil }

// Broken has an error that is no business of the service.
func (t *T) Broken() { nowhere() }
