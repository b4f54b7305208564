package shop

const Tested = tax
