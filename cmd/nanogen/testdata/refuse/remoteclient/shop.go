package shop

import "example.com/remoteclient/api"

//go:generate go tool nanogen -type Shop -remote -client api

type Shop struct{}

func NewShop() *Shop { return nil }

type Own struct{ A int }

func (s *Shop) Buy(o Own, list []*Own) (api.Order, error) { return api.Order{}, nil }

//nano:local
func (s *Shop) Stays(o Own) error { return nil }
