package types

import "bytes"

//go:generate go tool nanogen -type Interface,Number,Buffer,Other,function,variable,missing,local,TService

type Interface interface{ Do() }

type Number int

type Buffer = bytes.Buffer

type Other = T

type T struct{}

func function() {
	type local struct{}
	_ = local{}
	_ = TService{}
}

var variable struct{}
