package names

import BindB "io"

//go:generate go tool nanogen -type A,B,AClient -remote

type A struct{}

func NewA() *A { return nil }

func (a *A) M() {}

//nano:local
func (a *A) N() {}

type AClient struct{}

func NewAClient() *AClient { return nil }

func (a *AClient) M() {}

func BindA() {}

func HostAs() {}

type ARemoteCalls int

type B struct{}

func NewB() *B { return nil }

func (b *B) M(n int) { _ = BindB.EOF }
