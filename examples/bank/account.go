// Package bank shows a service whose methods are those of a struct.
//
//	go generate ./bank
package bank

import (
	"context"
	"errors"
)

// ErrTooLittle is returned when an account has not enough money.
var ErrTooLittle = errors.New("bank: not enough money")

//go:generate go tool nanogen -type Account

// Account is an ordinary struct.
type Account struct{ balance int }

// NewAccount opens an account.
func NewAccount(balance int) (*Account, error) {
	if balance < 0 {
		return nil, ErrTooLittle
	}
	return &Account{balance}, nil
}

// Deposit puts money in.
func (a *Account) Deposit(amount int) { a.balance += amount }

// Balance returns how much there is.
func (a *Account) Balance() int { return a.balance }

// Withdraw takes money out, and returns how much is left.
func (a *Account) Withdraw(ctx context.Context, amount int) (left int, err error) {
	if amount > a.balance {
		return a.balance, ErrTooLittle
	}
	a.balance -= amount
	return a.balance, nil
}
