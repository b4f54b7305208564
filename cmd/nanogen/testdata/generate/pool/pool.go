// Package pool has structs whose services come in pools. It is called as the package
// that pools are from.
package pool

import (
	"context"
	"errors"
)

//go:generate go tool nanogen -type Account,Cache,Agent,line -pool

// Account has methods of each kind.
type Account struct{ balance int }

// NewAccount has parameters with the names of variables and packages.
func NewAccount(n int, p string, pool ...error) (*Account, error) { return nil, errors.Join(pool...) }

// Deposit is an event.
func (a *Account) Deposit(amount int) { a.balance += amount }

// Balance has a result.
func (a *Account) Balance() int { return a.balance }

// Withdraw keeps its signature.
func (a *Account) Withdraw(ctx context.Context, amount int) (left int, err error) {
	return a.balance, ctx.Err()
}

// Move has several results.
func (a *Account) Move(amount int) (before, after int) { return a.balance, a.balance }

// Later is a future with several results.
//
//nano:future
func (a *Account) Later(amount int) (before, after int) { return a.balance, a.balance }

// Book is answered after the commit.
//
//nano:batched
func (a *Account) Book(amount int) {}

// Reset has no parameters.
func (a *Account) Reset() error { return nil }

// Cache has type parameters with the names of variables.
type Cache[p comparable, key any] struct{ all map[p]key }

// NewCache makes a Cache.
func NewCache[p comparable, key any](ctx context.Context) *Cache[p, key] { return nil }

// Put is an event.
func (c *Cache[K, V]) Put(k K, v V) { c.all[k] = v }

// Load has several results.
func (c *Cache[K, V]) Load(k K) (v V, ok bool) {
	v, ok = c.all[k]
	return v, ok
}

// line is not exported, and neither are its pools.
type line struct{}

func newLine() *line { return &line{} }

// Say has parameters with the names of what is generated around it.
func (l *line) Say(p string, svc int, pool, actor []string) {}

// Agent has methods that are called as those of pools and services.
type Agent struct{}

func newAgent(ctx context.Context) (*Agent, error) { return &Agent{}, nil }

// Key hides that of the pool.
func (a *Agent) Key(key string) string { return key }

// ActorKey hides the next name.
func (a *Agent) ActorKey() int { return 0 }

// Pool hides the accessor.
func (a *Agent) Pool() int { return 0 }

// Name is what a supervisor looks for.
func (a *Agent) Name() string { return "" }

// Add hides that of the supervisor.
func (a *Agent) Add(n int) {}
