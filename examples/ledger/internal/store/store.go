// Package store keeps accounts and transfers, in SQLite, in PostgreSQL or in memory.
//
// What writes is one service (Writer, Memory). It owns the connection for writing, and
// what its callers ask for between two commits is one transaction: each is answered
// when that is committed. What reads is a pool of services (Reader) with connections of
// their own, which do not stand in the writer's queue.
//
//	store.go     what is kept, and what can be asked for
//	errors.go    what can come of it
//	schema.go    the tables, and their versions
//	dialect.go   what SQLite and PostgreSQL do differently
//	database.go  opens any of them
//	writer.go    the service that writes; batch.go, its transaction
//	reader.go    the services that read
//	patient.go   reads that wait for the database
//	memory.go    both, without a database
package store

import (
	"context"
	"fmt"
	"regexp"
	"time"
)

// MaxAmount is the most that a transfer can move and an account can have, in minor
// units: every sum of a few of them is exact, also in a browser, whose numbers are so
// up to 2^53.
const MaxAmount = 1_000_000_000_000

// An Account is what an account has at present.
type Account struct {
	ID      string `json:"id"`
	Opened  int64  `json:"opened"`  // what it was opened with, in minor units
	Balance int64  `json:"balance"` // in minor units; never negative
}

// A Transfer has moved an amount from one account to another.
type Transfer struct {
	ID     int64     `json:"id"` // 1, 2, 3 and so on, in the order of the commits, without a gap
	From   string    `json:"from"`
	To     string    `json:"to"`
	Amount int64     `json:"amount"` // in minor units
	At     time.Time `json:"at"`     // to the millisecond
}

// An Opening asks for an account.
type Opening struct {
	Key     string // of whoever asks; asked again with the same key, the answer is the same
	ID      string
	Balance int64 // in minor units
}

// An Order asks for a transfer.
type Order struct {
	Key    string // as that of an Opening
	From   string
	To     string
	Amount int64 // in minor units
}

// An Answer is what a request has come to. That of an order is kept under its key, and so
// is an account that was opened: who asks again gets it again. A refusal is an answer as
// well, and no error: its caller may rely on it only when it is committed, and an error
// would be told without that.
type Answer[T any] struct {
	Value   T
	Refusal Refusal // "": none
	Again   bool    // the key was known: this is the answer of then
}

// Store is what changes the books. Each method returns when that is committed.
type Store interface {
	Open(ctx context.Context, o Opening) (Answer[Account], error)
	Transfer(ctx context.Context, o Order) (Answer[Transfer], error)

	// TransferAll is Transfer for each of the orders, in their order, in one transaction. The
	// error is that of all of them.
	TransferAll(ctx context.Context, orders []Order) ([]Answer[Transfer], error)

	// Ping returns nil if the store can be written to.
	Ping(ctx context.Context) error
}

// Books is what can be read. What is committed is seen by every read that begins later.
type Books interface {
	// Account returns ErrNoAccount if there is none.
	Account(ctx context.Context, id string) (Account, error)
	// Accounts returns those behind an ID, in the order of their IDs.
	Accounts(ctx context.Context, after string, limit int) ([]Account, error)
	// Latest returns transfers, the latest first: those before an ID, or with 0 all; those of
	// one account, or with "" of all.
	Latest(ctx context.Context, account string, before int64, limit int) ([]Transfer, error)
	// After returns transfers behind an ID, in their order.
	After(ctx context.Context, id int64, limit int) ([]Transfer, error)
	// Last returns the ID of the last transfer, and 0 if there is none.
	Last(ctx context.Context) (int64, error)
	// Turnover returns what each account has paid and got, up to the last transfer.
	Turnover(ctx context.Context) (Turnover, error)
	// Answered returns the answer of a transfer's key, and ErrNoKey if there is none.
	Answered(ctx context.Context, key string) (Answer[Transfer], error)
	// Check compares balances with transfers, and transfers with keys.
	Check(ctx context.Context) (Check, error)
}

// Turnover is what accounts have paid and got.
type Turnover struct {
	Last     int64 // transfer that counts
	Accounts []AccountTurnover
}

// AccountTurnover is what one account has paid and got.
type AccountTurnover struct {
	ID       string
	Paid     int64
	Received int64
}

// A Check is what a look at all of the books has found.
type Check struct {
	Accounts  int64 `json:"accounts"`
	Transfers int64 `json:"transfers"`
	Last      int64 `json:"last"`    // transfer; equal to Transfers, because the numbers have no gaps
	Opened    int64 `json:"opened"`  // the sum of what accounts were opened with
	Sum       int64 `json:"sum"`     // the sum of balances; equal to Opened
	Wrong     int64 `json:"wrong"`   // accounts whose balance is not what was opened, plus what came, minus what went
	Keyless   int64 `json:"keyless"` // transfers that belong to no key, or to several
}

// Err returns what is wrong with the books, and nil if they are right.
func (c Check) Err() error {
	switch {
	case c.Sum != c.Opened:
		return fmt.Errorf("store: the sum of balances is %d, and accounts were opened with %d", c.Sum, c.Opened)
	case c.Wrong > 0:
		return fmt.Errorf("store: the balances of %d accounts are not what their transfers come to", c.Wrong)
	case c.Keyless > 0:
		return fmt.Errorf("store: %d transfers do not belong to exactly one key", c.Keyless)
	case c.Last != c.Transfers:
		return fmt.Errorf("store: %d transfers, and the last one has the number %d", c.Transfers, c.Last)
	}
	return nil
}

var (
	idPattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	keyPattern = regexp.MustCompile(`^[!-~]{1,100}$`)
)

// Check returns what is wrong with an opening itself, as an ErrInvalid.
func (o Opening) Check() error {
	switch {
	case !keyPattern.MatchString(o.Key):
		return invalid("the key %q is not 1 to 100 printable ASCII characters", o.Key)
	case !idPattern.MatchString(o.ID):
		return invalid("the account %q is not 1 to 40 characters of a-z, 0-9 and -, the first no -", o.ID)
	case o.Balance < 0 || o.Balance > MaxAmount:
		return invalid("the balance %d is not 0 to %d", o.Balance, int64(MaxAmount))
	}
	return nil
}

// Check returns what is wrong with an order itself, as an ErrInvalid.
func (o Order) Check() error {
	switch {
	case !keyPattern.MatchString(o.Key):
		return invalid("the key %q is not 1 to 100 printable ASCII characters", o.Key)
	case !idPattern.MatchString(o.From):
		return invalid("the account %q (from) is not 1 to 40 characters of a-z, 0-9 and -, the first no -", o.From)
	case !idPattern.MatchString(o.To):
		return invalid("the account %q (to) is not 1 to 40 characters of a-z, 0-9 and -, the first no -", o.To)
	case o.From == o.To:
		return invalid("%q cannot transfer to itself", o.From)
	case o.Amount < 1 || o.Amount > MaxAmount:
		return invalid("the amount %d is not 1 to %d", o.Amount, int64(MaxAmount))
	}
	return nil
}

// check returns what is wrong with the first order that is wrong itself.
func check(orders []Order) error {
	for _, o := range orders {
		if err := o.Check(); err != nil {
			return err
		}
	}
	return nil
}
