package shop

func begins() { opened++ }
