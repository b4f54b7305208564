package secret

type Secret struct{}
