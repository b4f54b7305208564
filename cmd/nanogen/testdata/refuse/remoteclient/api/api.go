package api

type Order struct{ N int }

type ShopClient struct{}

func NewShopClient() {}

type ShopRemoteCalls struct{}
